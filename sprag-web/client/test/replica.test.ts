/** W2, W4 and W7 over a simulated network: every order of events that a seed can bring. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../src/replica.ts";
import { Both } from "./both.ts";
import { history, Server } from "./server.ts";
import { random, type Random } from "./random.ts";

interface State {
  count: number;
  volume: number;
  ids: string[];
  /** A set. */
  tags: string[];
}

const SEEDS = Number(process.env["SPRAG_SEEDS"] ?? 2_000);
const STEPS = 120;

/** Promises settle before the next event. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

class Client {
  readonly replica: Both;
  /** Frames on their way, in order; `undefined` while there is no stream. */
  frames: (() => void)[] | undefined;
  afresh = false;
  post: { sent: NonNullable<ReturnType<Both["batch"]>>; answer?: ReturnType<Server["post"]> } | undefined;
  added = 0;
  unknown = 0;
  readonly faults: string[] = [];
  private highest = "";

  constructor(readonly index: number) {
    const resync = (): void => {
      this.frames = undefined;
      this.afresh = true;
    };
    this.replica = new Both(`client${index}`, { changed: () => this.look(), send() {}, resync });
  }

  get state(): State {
    return this.replica.view as unknown as State;
  }

  private look(): void {
    const { ids, tags } = this.state;
    if (new Set(tags).size !== tags.length) this.faults.push(`a tag is shown twice: ${tags}`);
    if (new Set(ids).size !== ids.length) this.faults.push(`an id is shown twice: ${ids}`);
    const at = `${history(this.replica.epoch!)} ${String(this.replica.version).padStart(8, "0")}`;
    if (at < this.highest) this.faults.push(`the version went back from ${this.highest} to ${at}`);
    this.highest = at;
  }

  connect(server: Server): void {
    const { epoch, version } = this.replica;
    const position = this.afresh || epoch === undefined ? undefined : { e: epoch, v: version };
    this.afresh = false;
    const { acks, snap, commits } = server.resume(this.replica.writer, position);
    this.frames = [() => this.replica.acks(acks)];
    if (snap) this.frames.push(() => this.replica.snap(snap));
    for (const commit of commits) this.frames.push(() => this.replica.change(commit));
  }

  mutate(random: Random): void {
    if (this.replica.view === undefined) return;
    const id = `${this.index}.${random(1e9)}`;
    const refused = (error: unknown): void => assert.ok(error instanceof Refused);
    const tag = "abc"[random(3)]!;
    switch (random(6)) {
      case 0:
        // Not awaited before the next event: the promise settles whenever the answer comes.
        this.replica.update(["count"], (count) => (count as number) + 1).then(
          () => this.added++,
          (error) => (refused(error), this.unknown++),
        );
        break;
      case 1:
        this.replica.mutate([["+", ["ids", "-"], id]]).catch(refused);
        break;
      case 2:
        this.replica.mutate([["=", ["volume"], random(150)]]).catch(refused);
        break;
      case 3:
        this.replica.mutate([["+", ["tags", [tag]]]]).catch(refused);
        assert.ok(this.state.tags.includes(tag), "a member that was added is shown at once");
        break;
      case 4:
        this.replica.mutate([["-", ["tags", [tag]]]]).catch(refused);
        assert.ok(!this.state.tags.includes(tag), "a member that was deleted is not shown any more");
        break;
      default:
        this.replica.mutate([["-", ["ids", 0]]], [[["ids", 0], this.state.ids[0] ?? null]]).catch(refused);
    }
  }
}

async function run(seed: number): Promise<void> {
  const draw = random(seed);
  const initial = { count: 0, volume: 0, ids: [], tags: [] };
  const refuses = (state: unknown): string | undefined =>
    (state as State).volume > 100 ? "volume is at most 100" : undefined;
  let [life, applied] = [0, 0];
  let server = new Server("history0-0", initial, 4, refuses);
  const clients = [0, 1, 2].map((index) => new Client(index));

  const send = (client: Client): void => {
    const sent = client.replica.batch(1 + draw(4));
    if (sent) client.post = { sent };
  };
  const arrive = (client: Client): void => {
    const { post } = client;
    if (!post || post.answer) return;
    const [before, answer] = [server.version, server.post(post.sent)];
    for (const commit of server.commits.filter(({ to }) => to > before)) broadcast(commit);
    // An overlapping retry is answered from what was kept.
    if (draw(5) === 0) server.post(post.sent);
    post.answer = answer;
  };
  const answer = (client: Client): void => {
    const { post } = client;
    if (!post?.answer) return;
    client.post = undefined;
    if (post.answer.status === 200) client.replica.answered(post.sent, post.answer.r);
    else client.replica.elsewhere(post.sent);
  };
  const lose = (client: Client): void => {
    if (!client.post) return;
    client.post = undefined;
    client.replica.unanswered();
  };
  const broadcast = (commit: Server["commits"][number]): void => {
    for (const client of clients) client.frames?.push(() => client.replica.change(commit));
  };
  const deliver = (client: Client): void => client.frames?.shift()?.();

  for (let step = 0; step < STEPS; step++) {
    const client = clients[draw(3)]!;
    const event = draw(100);
    if (event < 20) client.mutate(draw);
    else if (event < 35) send(client);
    else if (event < 50) arrive(client);
    else if (event < 62) answer(client);
    else if (event < 86) client.frames ? deliver(client) : client.connect(server);
    else if (event < 90) client.frames = undefined;
    else if (event < 94) (client.frames = undefined), lose(client);
    else if (event < 99) {
      server.write({ ops: [["=", ["volume"], draw(100)]] });
      broadcast(server.commits.at(-1)!);
      if (draw(6) === 0) server.forget();
    } else {
      life++;
      if (draw(2) === 0) server = server.sibling(life);
      else {
        applied += (server.state as unknown as State).count;
        server = new Server(`history${life}-${life}`, { ...initial, ids: [] }, 4, refuses);
      }
      for (const other of clients) other.frames = undefined;
    }
    await settled();
  }
  // The network heals, and everything that waits goes through.
  for (let idle = 0; idle < 3; ) {
    const version = server.version;
    for (const client of clients) {
      if (!client.frames) client.connect(server);
      while (client.frames?.length) deliver(client);
      if (!client.post) send(client);
      if (client.post && !client.post.answer) arrive(client);
      answer(client);
      await settled();
    }
    const busy = clients.some(({ frames, post, replica }) => frames?.length || post || replica.unconfirmed);
    idle = busy || server.version !== version ? 0 : idle + 1;
  }
  applied += (server.state as unknown as State).count;
  const [added, unknown] = clients.reduce(([a, u], client) => [a + client.added, u + client.unknown], [0, 0]);
  for (const client of clients) {
    assert.deepEqual(client.faults, [], `seed ${seed}`);
    assert.deepEqual(client.replica.view, server.state, `seed ${seed}: client ${client.index} shows another state`);
    assert.equal(client.replica.version, server.version, `seed ${seed}`);
  }
  assert.ok(added <= applied && applied <= added + unknown, `seed ${seed}: ${applied} applied, ${added} acknowledged, ${unknown} unknown`);
}

test(`W2, W4, W7: ${SEEDS} schedules of three clients, cuts, retries, restarts and changes of the server`, async () => {
  const only = process.env["SPRAG_SEED"];
  if (only) return run(Number(only));
  for (let seed = 0; seed < SEEDS; seed++) await run(seed);
});
