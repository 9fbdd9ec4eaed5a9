// Time and chance: a replay has to see what the run saw, so a script has neither.
// They throw when they are called, not when they are mentioned; most mentions are in prompts.
(engine) => {
  const RealDate = Date;
  const ban = (what, instead) => {
    throw engine.error(
      new Error(),
      `${what} is not available in a workflow script, because a resumed run has to take the same steps; ${instead}`,
    );
  };
  const TIME = 'pass the time in through `args`, or ask an agent for it';
  const CHANCE = 'vary by index instead, or pass a seed in through `args`';

  const BannedDate = new Proxy(RealDate, {
    apply: () => ban('Date()', TIME),
    construct(target, values, newTarget) {
      if (values.length === 0) ban('new Date() without arguments', TIME);
      return Reflect.construct(target, values, newTarget === BannedDate ? target : newTarget);
    },
  });
  RealDate.now = function now() {
    return ban('Date.now()', TIME);
  };
  RealDate.prototype.constructor = BannedDate;
  Math.random = function random() {
    return ban('Math.random()', CHANCE);
  };
  engine.globals.Date = BannedDate;
  engine.globals.performance = Object.freeze({ now: () => ban('performance.now()', TIME) });
}
