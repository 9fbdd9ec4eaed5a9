// `log`, `console` and `phase`: what a script tells the operator.
(engine) => {
  const { host, globals } = engine;
  const line = (level) => (...values) => host.log(level, values.map(engine.show).join(' '));

  globals.log = function log(...values) {
    host.log('info', values.map(engine.show).join(' '));
  };

  globals.phase = function phase(title) {
    engine.tell({ phase: engine.plain(String(title)) });
  };

  globals.console = {
    log: line('info'),
    info: line('info'),
    debug: line('debug'),
    trace: line('debug'),
    warn: line('warn'),
    error: line('error'),
    dir: (value) => host.log('info', engine.show(value)),
    table: (value) => host.log('info', engine.show(value)),
    assert: (holds, ...values) => {
      if (!holds) host.log('error', ['assertion failed', ...values].map(engine.show).join(' '));
    },
    group: line('info'),
    groupEnd: () => {},
    time: () => {},
    timeEnd: () => {},
    count: () => {},
  };
}
