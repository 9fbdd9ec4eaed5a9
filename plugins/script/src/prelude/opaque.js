// Opaque values: objects that a script can pass on and cannot look into.
//
// One turns into its placeholder wherever JavaScript wants a text. Any other use that the
// language lets us intercept is a quarantine violation, which ends the run: Rust keeps it, so
// no `try` of the script matters.
(engine) => {
  const { host, globals } = engine;
  // From an opaque object to { handle, name, json }, and from a placeholder to its object.
  const known = new WeakMap();
  const objects = new Map();

  const violate = (name, deed) => {
    const place = host.place(new Error().stack) || engine.task.file;
    const message =
      `quarantine-violation: ${place}: ${deed} looks inside the untrusted value \`${name}\`; ` +
      'give its field a closed type in the schema (an enum, a boolean, or an integer with bounds), ' +
      'or use `await reveal(value)`, which makes this script untrusted as well';
    host.violate(message);
    throw new Error(message);
  };

  const spell = (key) => (typeof key === 'symbol' ? `[${key.description}]` : `.${key}`);

  // What is answered without looking inside: how to become a text, and that this is no promise.
  const answers = (name, placeholder) => ({
    [Symbol.toPrimitive]: (hint) => (hint === 'number' ? violate(name, 'making a number of it, or comparing it,') : placeholder),
    [Symbol.toStringTag]: 'Opaque',
    [Symbol.isConcatSpreadable]: undefined,
    toString: () => placeholder,
    toJSON: () => placeholder,
    concat: (...more) => [placeholder, ...more].join(''),
    then: undefined,
  });

  const handler = (name, placeholder) => {
    const allowed = answers(name, placeholder);
    return {
      get: (_, key) => (Object.hasOwn(allowed, key) ? allowed[key] : violate(name, `\`${spell(key)}\``)),
      set: (_, key) => violate(name, `setting \`${spell(key)}\``),
      has: (_, key) => violate(name, `\`in\` for \`${spell(key)}\``),
      ownKeys: () => violate(name, 'listing its fields'),
      getOwnPropertyDescriptor: (_, key) => violate(name, `\`${spell(key)}\``),
      defineProperty: (_, key) => violate(name, `setting \`${spell(key)}\``),
      deleteProperty: (_, key) => violate(name, `deleting \`${spell(key)}\``),
    };
  };

  // `json`: whether the content is JSON, which reveal() then parses.
  engine.opaque = (handle, name, json) => {
    const placeholder = host.opaque(handle, name);
    const value = new Proxy(Object.create(null), handler(name, placeholder));
    known.set(value, { handle, name, json });
    objects.set(placeholder, value);
    return value;
  };

  engine.isOpaque = (value) => engine.opaqueMode && known.has(value);
  engine.touches = (text) => engine.opaqueMode && host.touches(text.toWellFormed());
  engine.plain = (text) => (engine.touches(text) ? host.describe(text) : text);

  engine.checked = (site, json) => {
    const found = engine.parse(json);
    if (found.refused) throw engine.error(site, found.refused);
    return found;
  };

  engine.pieces = (site, text) => (engine.touches(text) ? engine.checked(site, host.pieces(text.toWellFormed())).pieces : [{ literal: text }]);

  // What decides how something runs cannot be untrusted: it has no place for a content.
  engine.literal = (site, what, text) => {
    if (engine.touches(text)) throw engine.error(site, `${what} of a call cannot hold an opaque value`, TypeError);
    return text;
  };

  const one = async ({ handle, json }, site) => {
    const text = await engine.reveal(handle, site);
    return json ? engine.jsonOrText(text) : text;
  };

  const revealText = async (text, site) => {
    const pieces = await Promise.all(
      engine.pieces(site, text).map((piece) => (piece.content ? engine.reveal(piece.content, site) : piece.literal)),
    );
    return pieces.join('');
  };

  const revealDeep = async (value, site) => {
    if (typeof value === 'string') return engine.touches(value) ? revealText(value, site) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (known.has(value)) return one(known.get(value), site);
    if (Array.isArray(value)) return Promise.all(value.map((item) => revealDeep(item, site)));
    const fields = Object.entries(value).map(async ([key, field]) => [key, await revealDeep(field, site)]);
    return Object.fromEntries(await Promise.all(fields));
  };

  globals.reveal = async function reveal(value) {
    return engine.opaqueMode ? revealDeep(value, new Error()) : value;
  };

  const parse = JSON.parse;
  const parseAndRestore = function (source, reviver) {
    const text = String(source);
    if (objects.has(text)) violate(known.get(objects.get(text)).name, 'JSON.parse');
    if (!engine.touches(text)) return parse(text, reviver);
    return parse(text, function (key, value, ...rest) {
      const restored = objects.get(value) ?? value;
      return typeof reviver === 'function' ? reviver.call(this, key, restored, ...rest) : restored;
    });
  };

  engine.opaqueMode = false;
  engine.setup(({ mode }) => {
    engine.opaqueMode = mode === 'opaque';
    if (engine.opaqueMode) JSON.parse = parseAndRestore;
  });
}
