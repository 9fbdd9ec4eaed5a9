import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from lazaret import Content, Denied, Task, agent, clock, files, gate, log, tools
from lazaret._typed import load


@dataclass
class Input:
    case: str
    value: Any


@dataclass
class Person:
    name: str
    years: int
    tags: list[str]


@dataclass
class Next:
    name: str
    next: int
    tags: int


def refused(call) -> Denied:
    try:
        call()
    except Denied as denial:
        return denial
    raise AssertionError("nothing was refused")


def told(call) -> dict:
    denial = refused(call)
    return {"kind": denial.kind, "rule": denial.rule, "remedy": denial.remedy != ""}


def typed(value, task):
    person = load(Person, value)
    return Next(person.name, person.years + 1, len(person.tags))


def handles(value, task):
    mail = task.part("mail")
    return Content.compose({"kept": None, "taint": mail.label.taint}, {"/kept": mail})


def parallel(value, task):
    answers = tools.call_all(
        [
            ("tracker.pay", {"amount": 1}),
            ("tracker.publish", {"text": "x"}),
            ("tracker.pay", {"amount": 2}),
        ]
    )
    return [one.kind if isinstance(one, Denied) else "done" for one in answers]


def failure(value, task):
    raise ValueError("asked to fail")


async def panic(value, task):
    async def deepest():
        raise IndexError("the wheel came off")

    await asyncio.gather(deepest())


def deadline(value, task):
    while True:
        pass


def logs(value, task):
    for level in ("debug", "info", "warn", "error"):
        getattr(log, level)(f"a line of {level}")


CASES = {
    "typed": typed,
    "json": lambda value, task: {"value": value},
    "unicode": lambda value, task: {"text": value, "letters": len(value)},
    "large": lambda value, task: {"length": len(Content.text("x" * value).read())},
    "handles": handles,
    "forged": lambda value, task: {"kind": refused(lambda: Content(12345).read()).kind},
    "denial": lambda value, task: told(lambda: task.part("secret").read()),
    "missing-grant": lambda value, task: told(lambda: tools.call("tracker.pay", amount=1)),
    "tool": lambda value, task: tools.call("tracker.pay", amount=7, note=task.part("mail")),
    "files": lambda value, task: {"text": files.read("vault/key.txt").read()},
    "gate": lambda value, task: {"value": gate.pass_(task.part("mail"), Literal["low", "high"], "verdict")},
    "parallel": parallel,
    "failure": failure,
    "panic": panic,
    "deadline": deadline,
    "log": logs,
    "clock": lambda value, task: {"now": clock.now()},
    "random": lambda value, task: {"dice": [clock.random() for _ in range(3)]},
}


@agent
async def run(input: Input, task: Task):
    answer = CASES[input.case](input.value, task)
    return await answer if asyncio.iscoroutine(answer) else answer
