// Another program that calls functions, on the pipes of `lucid mcp`.

import { createInterface } from "node:readline";

export class Program {
  #child;
  #number = 0;
  #waiting = new Map();

  /** Takes the pipes of a child that runs `lucid mcp`. */
  constructor(child) {
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const message = JSON.parse(line);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
  }

  async begin() {
    await this.#ask("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "a test", version: "1" },
    });
    this.#say({ method: "notifications/initialized" });
  }

  /** Calls a tool: what was said, and whether it was done. */
  async call(tool, given) {
    const { result } = await this.#ask("tools/call", {
      name: tool,
      arguments: given,
    });
    return {
      said: result.content.map((part) => part.text).join("\n"),
      done: result.isError !== true,
    };
  }

  /** Closes the pipe, upon which the server ends. */
  end() {
    this.#child.stdin.end();
  }

  #say(message) {
    this.#child.stdin.write(
      `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`,
    );
  }

  #ask(method, params) {
    const id = ++this.#number;
    return new Promise((resume) => {
      this.#waiting.set(id, resume);
      this.#say({ id, method, params });
    });
  }
}
