// A display, a bus and a home for one run, with the kernel and the shell in them.

import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "./program.mjs";
import { Session } from "./webdriver.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DRIVERS = [
  "/usr/bin/WebKitWebDriver",
  "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/WebKitWebDriver",
];
const PATIENCE_MS = 30_000;

export const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/** Asks `question` until it answers with something true, and returns that. */
export async function until(what, question, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await question();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(
    `waited in vain until ${what}${last ? `: ${last.message}` : ""}`,
  );
}

export class Desk {
  children = [];

  static async open(binaries) {
    const desk = new Desk();
    desk.binaries = resolve(binaries);
    desk.base = mkdtempSync(join(tmpdir(), "lucid-e2e-"));
    desk.home = join(desk.base, "home");
    desk.downloads = join(desk.home, "Downloads");
    const runtime = join(desk.base, "runtime");
    mkdirSync(desk.downloads, { recursive: true });
    mkdirSync(runtime, { mode: 0o700 });
    desk.environment = {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: desk.home,
      LANG: "C.UTF-8",
      XDG_RUNTIME_DIR: runtime,
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      LUCID_SCRIPTED: join(HERE, "script.toml"),
      LUCID_PLUGINS: resolve(HERE, "../../plugins"),
      TAURI_WEBVIEW_AUTOMATION: "true",
    };
    return desk;
  }

  /** Starts display, bus, window manager, kernel and shell. */
  async start() {
    this.makeDownloads();
    this.environment.DISPLAY = await this.startDisplay();
    this.environment.DBUS_SESSION_BUS_ADDRESS = await this.startBus();
    this.startChild("openbox", "openbox", []);
    await this.startKernel();
    await this.startShell("light");
  }

  /** Three files that are large on paper only. */
  makeDownloads() {
    for (const [name, megabytes] of [
      ["film.mkv", 300],
      ["talk.mkv", 200],
      ["song.flac", 20],
    ]) {
      const path = join(this.downloads, name);
      writeFileSync(path, "");
      truncateSync(path, megabytes * 1_000_000);
    }
  }

  async startDisplay() {
    const child = this.startChild(
      "display",
      "Xvfb",
      ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
      ["ignore", "pipe", "pipe", "pipe"],
    );
    return `:${(await firstLine(child.stdio[3])).trim()}`;
  }

  async startBus() {
    const child = this.startChild(
      "bus",
      "dbus-daemon",
      ["--session", "--nofork", "--nopidfile", "--print-address=3"],
      ["ignore", "pipe", "pipe", "pipe"],
    );
    return (await firstLine(child.stdio[3])).trim();
  }

  async startKernel() {
    this.kernel = this.startChild("kernel", join(this.binaries, "lucidd"), []);
    await until("the kernel has its name", () =>
      this.hasOwner("org.lucidshell.Kernel1"),
    );
  }

  /** Starts the shell through the driver, in `theme`. */
  async startShell(theme) {
    this.environment.LUCID_THEME = theme;
    const port = await freePort();
    const program = DRIVERS.find(existsSync);
    if (!program)
      throw new Error("WebKitWebDriver is missing (package webkit2gtk-driver)");
    this.driver = this.startChild(`driver-${theme}`, program, [
      `--port=${port}`,
    ]);
    this.session = await until("the driver has a session", () =>
      Session.open(
        `http://127.0.0.1:${port}`,
        join(this.binaries, "lucid-shell"),
        ["--show"],
      ),
    );
    await until("the page is ready", () =>
      this.script("return document.documentElement.dataset.ready === 'true'"),
    );
  }

  async stopShell() {
    const shells = this.childrenOf(this.driver.pid, "lucid-shell");
    await this.session.close().catch(() => undefined);
    await end(this.driver);
    // The driver does not always end what it has started.
    shells.forEach((shell) => this.run("kill", [String(shell)]));
    await until(
      "the shell is gone",
      async () => !(await this.hasOwner("org.lucidshell.Shell")),
    );
  }

  /** Starts another program's way to the functions. */
  async startProgram() {
    const server = this.startChild(
      "program",
      join(this.binaries, "lucid"),
      ["mcp"],
      ["pipe", "pipe", "pipe"],
    );
    const program = new Program(server);
    await program.begin();
    return program;
  }

  /** Runs the command line. */
  command(...args) {
    return this.run(join(this.binaries, "lucid"), args);
  }

  async killKernel() {
    this.kernel.kill("SIGKILL");
    await until(
      "the kernel is gone",
      async () => !(await this.hasOwner("org.lucidshell.Kernel1")),
    );
  }

  /** Kills the web process that was started last, which is the consent dialog's while it is shown. */
  killNewestPage() {
    const shell = this.childrenOf(this.driver.pid, "lucid-shell").at(-1);
    const page = this.childrenOf(shell, "WebKitWebProces").at(-1);
    process.kill(page, "SIGKILL");
  }

  /** Ids of the processes called `name` that `parent` started, the newest last. */
  childrenOf(parent, name) {
    const found = this.run("pgrep", ["-P", String(parent), name]);
    return found.stdout.trim().split("\n").map(Number);
  }

  /** Shows the overlay, also without a kernel. */
  showShell() {
    const object = "/org/lucidshell/Shell";
    const name = "org.lucidshell.Shell";
    this.run("gdbus", [
      "call",
      "--session",
      "-d",
      name,
      "-o",
      object,
      "-m",
      `${name}.Show`,
    ]);
  }

  hasOwner(name) {
    const asked = this.run("gdbus", [
      "call",
      "--session",
      "-d",
      "org.freedesktop.DBus",
      "-o",
      "/org/freedesktop/DBus",
      "-m",
      "org.freedesktop.DBus.NameHasOwner",
      name,
    ]);
    return asked.stdout.includes("true");
  }

  /** Presses real keys in the window that has the focus. */
  keys(...names) {
    this.run("xdotool", ["key", "--delay", "60", ...names]);
  }

  /** Types with real keys. */
  type(text) {
    this.run("xdotool", ["type", "--delay", "25", text]);
  }

  /** Ids of the visible windows called `name`. */
  windows(name) {
    return this.run("xdotool", ["search", "--onlyvisible", "--name", name])
      .stdout.trim()
      .split("\n")
      .filter(Boolean);
  }

  run(program, args) {
    return spawnSync(program, args, {
      env: this.environment,
      encoding: "utf8",
    });
  }

  script(body, ...args) {
    return this.session.script(body, ...args);
  }

  /** The visible text of what `selector` finds first. */
  text(selector) {
    return this.script(
      "return document.querySelector(arguments[0])?.innerText ?? ''",
      selector,
    );
  }

  count(selector) {
    return this.script(
      "return document.querySelectorAll(arguments[0]).length",
      selector,
    );
  }

  async see(selector, text = "", ms = PATIENCE_MS) {
    return until(
      `${selector} shows “${text}”`,
      async () => {
        const shown = await this.script(
          "return Array.from(document.querySelectorAll(arguments[0]), (node) => node.innerText)",
          selector,
        );
        return shown.some((each) => each.includes(text));
      },
      ms,
    );
  }

  async click(selector) {
    await this.session.click(
      await until(`${selector} is there`, () => this.session.find(selector)),
    );
  }

  async pageText() {
    return this.script("return document.body.innerText").catch(
      () => "(the page does not answer)",
    );
  }

  async picture(name) {
    const folder = process.env.LUCID_E2E_PICTURES;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    this.run("import", [
      "-window",
      "root",
      join(resolve(folder), `${name}.png`),
    ]);
  }

  startChild(name, program, args, stdio = ["ignore", "pipe", "pipe"]) {
    const child = spawn(program, args, {
      env: this.environment,
      cwd: this.base,
      stdio,
    });
    const log = createWriteStream(join(this.base, `${name}.log`), {
      flags: "a",
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on("error", (error) => log.write(`${error}\n`));
    this.children.push(child);
    return child;
  }

  printLogs() {
    for (const name of ["kernel", "driver-light", "driver-dark"]) {
      const path = join(this.base, `${name}.log`);
      if (existsSync(path))
        console.log(`--- ${name}\n${readFileSync(path, "utf8").slice(-4000)}`);
    }
    const keep = process.env.LUCID_E2E_PICTURES;
    if (keep)
      cpSync(this.base, join(resolve(keep), "logs"), {
        recursive: true,
        filter: (path) => !path.includes("/runtime") && !path.includes("/home"),
      });
  }

  async close() {
    await this.session?.close().catch(() => undefined);
    for (const child of this.children.reverse()) await end(child);
    rmSync(this.base, {
      recursive: true,
      force: true,
      maxRetries: 5,
      retryDelay: 200,
    });
  }
}

function firstLine(stream) {
  return new Promise((resume, fail) => {
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resume(text.split("\n")[0]);
    });
    stream.on("end", () =>
      fail(new Error("it ended before it said where it is")),
    );
  });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resume) => child.once("exit", resume));
  child.kill("SIGTERM");
  await Promise.race([ended, pause(3000).then(() => child.kill("SIGKILL"))]);
}

function freePort() {
  return new Promise((resume) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resume(port));
    });
  });
}
