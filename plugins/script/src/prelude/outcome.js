// How a child's end becomes a value, `null`, or an error of the script.
(engine) => {
  const refused = (site, kind, payload) => {
    if (kind === 'denied') {
      const { rule, message, remedy } = engine.parse(payload);
      return engine.error(site, `denied: ${message} (rule \`${rule}\`)${remedy ? `; ${remedy}` : ''}`);
    }
    return engine.error(site, payload);
  };

  // Takes the one kind of reply that is expected; a refusal is thrown where the script called.
  engine.expect = (reply, kind, site) => {
    if (reply.kind === kind) return reply.payload;
    if (reply.kind === 'denied' || reply.kind === 'failed') throw refused(site, reply.kind, reply.payload);
    throw engine.error(site, `the host answered with \`${reply.kind}\` where \`${kind}\` was due`);
  };

  engine.reveal = async (handle, site) => engine.expect(await engine.ask({ reveal: handle }), 'value', site);

  // `call`: { site, name, schema, read }, where `read` makes a value of the answer's text.
  engine.outcome = async (reply, call) => {
    switch (reply.kind) {
      // Revealed on delivery, because its label is clean.
      case 'value':
        return call.read(reply.payload);
      case 'outcome-value':
        return engine.opaqueMode
          ? engine.view(reply.payload, call)
          : call.read(await engine.reveal(reply.payload, call.site));
      // How it ended stays inside: there were no bits left to tell it.
      case 'content':
        return engine.opaqueMode
          ? engine.opaque(reply.payload, call.name, Boolean(call.schema))
          : call.read(await engine.reveal(reply.payload, call.site));
      case 'outcome-none':
        return null;
      case 'outcome-dead':
        engine.notice(`${call.name} gave nothing: ${reply.payload}`);
        return null;
      case 'outcome-error':
        throw engine.error(call.site, reply.payload);
      default:
        throw refused(call.site, reply.kind, reply.payload);
    }
  };
}
