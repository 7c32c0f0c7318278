/** The overlay's way to `src-tauri`: one function for each command. */

import { Channel, invoke } from "@tauri-apps/api/core";
import type {
  Beginning,
  CallError,
  Press,
  SearchReport,
  ShellEvent,
  StateReport,
  TurnEvent,
  WhyReport,
} from "./wire";

/** A random word that is good for one act; see `src-tauri/src/nonce.rs`. */
export function nonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** Listens to the shell; must be the first call. */
export async function connect(
  take: (event: ShellEvent) => void,
): Promise<Beginning> {
  const channel = new Channel<ShellEvent>();
  channel.onmessage = take;
  return invoke<Beginning>("connect", { channel });
}

export const search = (query: string) =>
  invoke<SearchReport>("search", { query });
export const searchApps = (query: string) =>
  invoke<SearchReport>("search_apps", { query });
export const typing = (text: string) => invoke<null>("typing", { text });
export const ask = (text: string) =>
  invoke<string>("ask", { text, nonce: nonce() });
export const open = (id: string) =>
  invoke<string>("open", { id, nonce: nonce() });
export const copy = (text: string) => invoke<null>("copy", { text });
export const act = (press: Press) =>
  invoke<string>("act", { action: { ...press, nonce: nonce() } });
export const undo = (turn: string) =>
  invoke<string>("undo", { turn, nonce: nonce() });
export const stop = (turn: string) => invoke<number>("stop", { turn });
export const why = (turn: string) => invoke<WhyReport>("why", { turn });
export const history = (limit: number) =>
  invoke<string[]>("history", { limit });
export const state = () => invoke<StateReport>("state");
/** One sentence about each function, by its name. */
export const summaries = (language: string) =>
  invoke<Record<string, string>>("summaries", { language });
export const events = (turn: string) => invoke<TurnEvent[]>("events", { turn });
export const hide = () => invoke<null>("hide");
export const fit = (area: {
  x: number;
  y: number;
  width: number;
  height: number;
}) => invoke<null>("fit", { area });
export const painted = (trigger: number) =>
  invoke<null>("painted", { trigger });
export const measured = (ms: number) => invoke<null>("measured", { ms });

/** Reads what a rejected call says; anything unknown is shown as it is. */
export function callError(error: unknown): CallError {
  if (typeof error === "object" && error !== null && "kind" in error) {
    return error as CallError;
  }
  return { kind: "failed", detail: String(error) };
}
