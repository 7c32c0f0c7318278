// As much of W3C WebDriver as the steps need.

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export class Session {
  static async open(base, binary, args) {
    const options = { binary, args };
    const { sessionId } = await request("POST", `${base}/session`, {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } },
    });
    return new Session(`${base}/session/${sessionId}`);
  }

  constructor(url) {
    this.url = url;
  }

  script(body, ...args) {
    return request("POST", `${this.url}/execute/sync`, { script: body, args });
  }

  async find(selector) {
    const found = await request("POST", `${this.url}/element`, {
      using: "css selector",
      value: selector,
    });
    return found[ELEMENT];
  }

  click(element) {
    return request("POST", `${this.url}/element/${element}/click`, {});
  }

  close() {
    return request("DELETE", this.url);
  }
}

async function request(method, url, body) {
  const answer = await fetch(url, {
    method,
    ...(body
      ? {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }
      : {}),
    signal: AbortSignal.timeout(30_000),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}
