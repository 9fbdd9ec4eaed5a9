// Requests to the host, and the promises that wait for their replies.
//
// Every file here is one function of `engine`, the object that the modules share; scripts never
// see it. Nothing in JavaScript is a boundary: a script that tampers with its own world only
// confuses itself, because the host decides about every request as if anybody had written it.
(engine) => {
  const waiting = new Map();
  let outbox = [];
  let last = 0;

  const send = (request) => {
    last += 1;
    outbox.push({ id: last, request });
    return last;
  };

  // Asks and waits. The request leaves in the same turn, in the order of the calls.
  engine.ask = (request) => new Promise((settle) => waiting.set(send(request), settle));

  // Tells, without waiting for an answer.
  engine.tell = send;

  // Asks with a callback and gives the request's number, so that it can be withdrawn.
  engine.askWith = (request, settle) => {
    const id = send(request);
    waiting.set(id, settle);
    return id;
  };

  engine.forget = (id) => waiting.delete(id);

  // Called by Rust for each reply, in order. Replies to what was told, or withdrawn, end here.
  engine.deliver = (id, kind, payload) => {
    const settle = waiting.get(id);
    waiting.delete(id);
    if (settle) settle({ kind, payload });
  };

  // Called by Rust at the end of each turn.
  engine.drain = () => {
    const requests = outbox;
    outbox = [];
    return engine.json({ requests, waiting: waiting.size, finished: engine.finished });
  };

  // Kept before any script can replace them.
  engine.stringify = JSON.stringify;
  engine.parse = JSON.parse;

  // JSON that every reader takes. Half a surrogate pair, as `slice` leaves of an emoji, is written
  // as an escape by JavaScript and refused by other languages.
  engine.json = (value) =>
    engine.stringify(value)?.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) => (escape.length === 6 ? '\\ufffd' : escape));

  engine.finished = null;

  // The modules are loaded before there is a script, maybe long before, in a snapshot. What
  // depends on the task waits here for it.
  const setups = [];
  engine.setup = (act) => setups.push(act);
  engine.begin = (task) => {
    engine.task = engine.parse(task);
    for (const act of setups) act(engine.task);
  };
}
