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
      const { id, result, error } = JSON.parse(line);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.fail(new Error(error.message));
      else waiting?.resume(result);
    });
    child.on("exit", () => {
      for (const { fail } of this.#waiting.values())
        fail(new Error("the server has ended"));
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
    const result = await this.#ask("tools/call", {
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
    return new Promise((resume, fail) => {
      this.#waiting.set(id, { resume, fail });
      this.#say({ id, method, params });
    });
  }
}
