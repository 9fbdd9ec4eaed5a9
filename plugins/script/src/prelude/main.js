// Runs the script's body and says how it ended.
(engine) => {
  const { globals } = engine;
  // Rejected promises that nobody awaits yet.
  const unheard = new Map();

  // A text that is a whole JSON object or array arrives parsed, as upstream has it.
  const launchArgument = (value) => {
    if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
    const parsed = engine.jsonOrText(value);
    return typeof parsed === 'object' ? parsed : value;
  };

  const taintedPart = async (name, content) =>
    engine.opaqueMode ? engine.opaque(content, name, true) : engine.jsonOrText(await engine.reveal(content, new Error()));

  // Puts a value at a JSON pointer into the arguments; a pointer that leads nowhere is dropped.
  const put = (root, pointer, value) => {
    const keys = pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    const holder = keys.reduce((at, key) => at?.[key], root);
    if (typeof holder === 'object' && holder !== null && !engine.isOpaque(holder)) holder[last] = value;
  };

  const launchArguments = async ({ args: clean, parts }) => {
    let args = launchArgument(clean);
    for (const { name, content } of parts) {
      if (name === 'args') args = launchArgument(await taintedPart(name, content));
      else if (name.startsWith('args/')) put(args, name.slice('args'.length), await taintedPart(name, content));
    }
    return args;
  };

  const answer = async (value) => {
    const json = engine.json(value) ?? 'null';
    return engine.touches(json) ? { content: await engine.compose(new Error(), json) } : { json };
  };

  const lastNotices = () => {
    for (const name of engine.abandoned()) engine.notice(`abandoned: ${name} was still running when the script returned`);
    for (const reason of unheard.values()) engine.notice(`a rejected promise was never awaited: ${engine.brief(reason)}`);
  };

  engine.rejected = (promise, reason, heard) => {
    if (heard) unheard.delete(promise);
    else unheard.set(promise, reason);
  };

  engine.run = async (body) => {
    const { task } = engine;
    try {
      // Without tainted parts nothing waits, and the script starts in the first turn.
      define('args', task.parts.length ? await launchArguments(task) : launchArgument(task.args));
      const result = await answer(await body());
      lastNotices();
      engine.finished = { ok: result };
    } catch (error) {
      engine.finished = { err: engine.describe(error) };
    }
  };

  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });

  engine.setup(({ meta }) => {
    for (const [name, value] of Object.entries(globals)) define(name, value);
    define('meta', meta);
  });
}
