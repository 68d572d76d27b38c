// The page of the chat: React over the stores `chat` and `me`.

import { type FormEvent, type ReactNode, StrictMode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { Refused } from "sprag";
import { useStore } from "sprag/react";
import { chat, me, type Room, type Said } from "./chat.gen.ts";

/** How often a window says that it is open. */
const BEAT = 10_000;

function Page(): ReactNode {
  const status = useSyncExternalStore((changed) => chat.onStatus(changed), () => chat.status);
  const [trouble, setTrouble] = useState("");
  const tell = (error: unknown): void =>
    setTrouble(error instanceof Refused ? error.message.replace(/^\w+: /, "") : String(error));
  const name = useStore(me, me.$.room);
  const room = useStore(chat, (state) => state.rooms[name]);
  useEffect(() => {
    const beat = (): void => void me.update(me.$.beat, (count) => count + 1).catch(() => {});
    beat();
    const timer = setInterval(beat, BEAT);
    return () => clearInterval(timer);
  }, []);
  if (status === "denied") return <p className="notice">You have left the chat. <a href="/">Enter it again</a>.</p>;
  return (
    <>
      <Rooms current={name} tell={tell} />
      <main>
        {room && <Head key={name} name={name} room={room} tell={tell} />}
        <p className="notice" role="status" hidden={status === "live" || status === "connecting"}>
          The chat does not answer. Lines are sent when it is back.
        </p>
        {room && <Lines name={name} said={room.said} />}
        {room && <Typing room={room} />}
        <Say name={name} tell={tell} />
        <p className="trouble" role="alert">
          {trouble && <>{trouble} <button type="button" aria-label="Close" onClick={() => setTrouble("")}>✕</button></>}
        </p>
      </main>
    </>
  );
}

type Tell = (error: unknown) => void;

function Rooms({ current, tell }: { current: string; tell: Tell }): ReactNode {
  const rooms = useStore(chat, (state) => state.rooms);
  const read = useStore(me, me.$.read);
  const unread = (name: string, { said }: Room): number => said.filter(({ id }) => id > (read[name] ?? 0)).length;
  return (
    <nav aria-label="Rooms">
      <h1>Chat</h1>
      <ul>
        {Object.entries(rooms).map(([name, room]) => (
          <li key={name}>
            <button type="button" aria-current={name === current} onClick={() => void me.set(me.$.room, name).catch(tell)}>
              <span className="name">{name}</span>
              <Count number={name === current ? 0 : unread(name, room)} />
              <People number={Object.keys(room.present).length} />
            </button>
          </li>
        ))}
      </ul>
      <form method="post" action="/leave"><button className="quiet">Leave</button></form>
    </nav>
  );
}

const People = ({ number }: { number: number }): ReactNode =>
  number ? <span className="people">{number}<span className="unseen"> {number === 1 ? "person" : "people"}</span></span> : null;

const Count = ({ number }: { number: number }): ReactNode =>
  number ? <span className="unread">{number}<span className="unseen"> new</span></span> : null;

function Head({ name, room, tell }: { name: string; room: Room; tell: Tell }): ReactNode {
  const [draft, setDraft] = useState<string>();
  const change = (event: FormEvent): void => {
    event.preventDefault();
    setDraft(undefined);
    if (draft !== undefined && draft !== room.topic) chat.set(chat.$.rooms[name]!.topic, draft).catch(tell);
  };
  return (
    <header>
      <h2>{name}</h2>
      <form onSubmit={change}>
        <input aria-label="Topic" dir="auto" value={draft ?? room.topic} maxLength={300}
          onChange={({ target }) => setDraft(target.value)} onBlur={change} />
      </form>
      <ul aria-label="In this room" className="present">
        {Object.keys(room.present).map((user) => <li key={user} title={user}><Face user={user} /><span className="unseen">{user}</span></li>)}
      </ul>
    </header>
  );
}

/** A round sign of a user, in a colour of their own. */
function Face({ user }: { user: string }): ReactNode {
  const hue = [...user].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)!) % 12, 7);
  return <span aria-hidden className={`face hue${hue}`}>{[...user][0]!.toUpperCase()}</span>;
}

function Lines({ name, said }: { name: string; said: readonly Said[] }): ReactNode {
  const own = useStore(me, me.$.name);
  const waiting = useStore(me, me.$.outbox);
  const end = useRef<HTMLLIElement>(null);
  const last = said.at(-1)?.id ?? 0;
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
    const { read } = me.get();
    if (last > (read[name] ?? 0)) me.set(me.$.read, { ...read, [name]: last }).catch(() => {});
  }, [name, last, waiting.length]);
  return (
    <ol role="log" aria-label="Lines" tabIndex={0}>
      {said.length + waiting.length === 0 && <li className="empty">Nobody has said anything here yet.</li>}
      {said.map(({ id, by, text }, index) => (
        <Line key={id} by={by} text={text} isOwn={by === own} isFirst={said[index - 1]?.by !== by} />
      ))}
      {/* What the server has not taken yet. */}
      {waiting.map((text, index) => <Line key={`waiting ${index}`} by={own} text={text} isOwn isFirst={false} isWaiting />)}
      <li ref={end} aria-hidden />
    </ol>
  );
}

interface LineOf {
  by: string;
  text: string;
  isOwn: boolean;
  isFirst: boolean;
  isWaiting?: boolean;
}

function Line({ by, text, isOwn, isFirst, isWaiting = false }: LineOf): ReactNode {
  return (
    <li className={`line${isOwn ? " own" : ""}${isFirst ? " first" : ""}${isWaiting ? " waiting" : ""}`}>
      {isFirst && !isOwn && <Face user={by} />}
      <div>
        {isFirst ? <span className={isOwn ? "unseen" : "by"}>{by}</span> : null}
        <p dir="auto">{text}</p>
      </div>
    </li>
  );
}

function Typing({ room }: { room: Room }): ReactNode {
  const own = useStore(me, me.$.name);
  const typing = Object.entries(room.present).filter(([user, { typing }]) => typing && user !== own).map(([user]) => user);
  return <p className="typing">{typing.length ? `${typing.join(", ")} ${typing.length === 1 ? "is" : "are"} writing…` : ""}</p>;
}

function Say({ name, tell }: { name: string; tell: Tell }): ReactNode {
  const [text, setText] = useState("");
  const change = (next: string): void => {
    setText(next);
    if (Boolean(next) !== me.get().typing) me.set(me.$.typing, Boolean(next)).catch(() => {});
  };
  const say = (event: FormEvent): void => {
    event.preventDefault();
    if (!text.trim()) return;
    const line = text;
    change("");
    // A line that is refused is not lost.
    me.push(me.$.outbox, line).catch((error) => (tell(error), setText((now) => now || line)));
  };
  return (
    <form className="say" onSubmit={say}>
      <input autoFocus dir="auto" aria-label={`Say something in ${name}`} placeholder={`Say something in ${name}`} value={text}
        onChange={({ target }) => change(target.value)} autoComplete="off" />
      <button disabled={!text.trim()}>Send</button>
    </form>
  );
}

await Promise.all([chat.ready, me.ready]);
createRoot(document.getElementById("chat")!).render(<StrictMode><Page /></StrictMode>);
