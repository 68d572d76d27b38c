// The player: what is playing, where it is, the volume, and the keys.

import { attempt, byId, clock, placeOf, setIcon, titleOf } from "./parts.js";

/** Plays a file from its beginning: one commit. */
export const play = (tv, url) =>
  attempt(`${titleOf(url)} does not play`, tv.patch({ url, position: 0, paused: false }, tv.$.playback));

export function player(tv, library) {
  tv.subscribe((state) => state.playback.url, (url) => showFile(url, library.get()?.files), { immediate: true });
  tv.subscribe((state) => state.playback, showPlayback, { immediate: true });
  tv.subscribe((state) => state.volume, showVolume, { immediate: true });
  tv.subscribe((state) => state.queue.length, (length) => (byId("next").disabled = !length), { immediate: true });
  buttons(tv);
  seeking(tv);
  volume(tv);
}

function showFile(url, files) {
  byId("title").textContent = url === null ? "Nothing is playing" : titleOf(url);
  byId("title").title = url ?? "";
  byId("where").textContent = url === null ? "Choose a file in the library" : placeOf(url);
  const kind = files?.find((file) => file.url === url)?.kind ?? "audio";
  setIcon(document.querySelector("#player .art"), kind);
  byId("now").textContent = url === null ? "" : `Now playing: ${titleOf(url)}`;
}

function showPlayback(playback) {
  const { url, position, paused } = playback;
  const isPlaying = url !== null && !paused;
  for (const id of ["play", "back"]) byId(id).disabled = url === null;
  byId("play").ariaLabel = isPlaying ? "Pause" : "Play";
  setIcon(byId("play"), isPlaying ? "pause" : "play");
  document.body.classList.toggle("playing", isPlaying);
  document.title = url === null ? "Media hub" : `${isPlaying ? "▶" : "❚❚"} ${titleOf(url)} – Media hub`;
  const seek = byId("seek");
  if (!seek.dataset.held) showPosition(position, lengthOf(playback));
}

const lengthOf = ({ url, length }) => (length?.url === url ? length.seconds : null);

function showPosition(position, length) {
  const seek = byId("seek");
  seek.disabled = length === null;
  seek.max = length ?? Math.max(position, 1);
  seek.value = position;
  seek.ariaValueText = length === null ? clock(position) : `${clock(position)} of ${clock(length)}`;
  fill(seek, length ? position / length : 0);
  byId("position").textContent = clock(position);
  byId("length").textContent = length === null ? "–:––" : clock(length);
}

/** The part of a slider that is filled, for the style. */
const fill = (slider, part) => slider.style.setProperty("--at", Math.min(part, 1));

function buttons(tv) {
  byId("play").addEventListener("click", () => toggle(tv));
  byId("back").addEventListener("click", () => moveTo(tv, 0));
  byId("next").addEventListener("click", () => next(tv));
  addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target !== document.body || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (tv.get().playback.url !== null) toggle(tv);
  });
}

function toggle(tv) {
  const { paused } = tv.get().playback;
  attempt(paused ? "It does not play" : "It does not pause", tv.set(tv.$.playback.paused, !paused));
}

const moveTo = (tv, position) =>
  attempt("It does not move", tv.set(tv.$.playback.position, position));

/** Takes the first file of the queue; where another window was faster, that one counts. */
function next(tv) {
  const url = tv.get().queue[0];
  if (url === undefined) return;
  tv.remove(tv.$.queue, 0).then(() => play(tv, url), () => {});
}

function seeking(tv) {
  const seek = byId("seek");
  // While the thumb is held, the position of the server does not move it.
  seek.addEventListener("input", () => {
    seek.dataset.held = "yes";
    fill(seek, seek.value / seek.max);
    byId("position").textContent = clock(Number(seek.value));
    seek.ariaValueText = `${clock(Number(seek.value))} of ${clock(Number(seek.max))}`;
  });
  seek.addEventListener("change", () => {
    delete seek.dataset.held;
    moveTo(tv, Number(seek.value));
  });
  seek.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    moveTo(tv, Math.min(Math.max(Number(seek.value) + step, 0), Number(seek.max)));
  });
}

/** The volume before it was muted. */
let loud = 40;

function volume(tv) {
  const slider = byId("volume");
  let isWaiting = false;
  // Others hear the volume while it is moved: one write at a time, and the last one counts.
  const send = () => {
    if (isWaiting) return;
    isWaiting = true;
    const sent = Number(slider.value);
    attempt("The volume stays", tv.set(tv.$.volume, sent)).then(() => {
      isWaiting = false;
      if (slider.dataset.held && Number(slider.value) !== sent) send();
    });
  };
  slider.addEventListener("input", () => {
    slider.dataset.held = "yes";
    send();
  });
  slider.addEventListener("change", () => {
    delete slider.dataset.held;
    attempt("The volume stays", tv.set(tv.$.volume, Number(slider.value)));
  });
  byId("mute").addEventListener("click", () => {
    attempt("The volume stays", tv.set(tv.$.volume, tv.get().volume ? 0 : loud));
  });
}

function showVolume(level) {
  if (level) loud = level;
  const [slider, mute] = [byId("volume"), byId("mute")];
  if (!slider.dataset.held) slider.value = level;
  slider.ariaValueText = `${level} per cent`;
  fill(slider, level / 100);
  mute.ariaPressed = String(level === 0);
  setIcon(mute, level ? "loud" : "mute");
}
