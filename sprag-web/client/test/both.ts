/** A replica with its outbox, as a page has both. */

import { Outbox } from "../src/outbox.ts";
import { Replica } from "../src/replica.ts";

export class Both extends Replica {
  readonly #outbox = new Outbox(this);

  batch: Outbox["batch"] = (most) => this.#outbox.batch(most);
  answered: Outbox["answered"] = (batch, answers) => this.#outbox.answered(batch, answers);
  acks: Outbox["acks"] = (answers) => this.#outbox.acks(answers);
  elsewhere: Outbox["elsewhere"] = (batch) => this.#outbox.elsewhere(batch);
  rejected: Outbox["rejected"] = (batch, kind, why) => this.#outbox.rejected(batch, kind, why);
  unanswered: Outbox["unanswered"] = () => this.#outbox.unanswered();
}
