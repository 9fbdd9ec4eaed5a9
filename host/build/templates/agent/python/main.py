from dataclasses import dataclass

from lazaret import agent, log


@dataclass
class Input:
    name: str


@dataclass
class Output:
    greeting: str
    letters: int


@agent
def run(input: Input) -> Output:
    log.info(f"greeting {input.name}")
    return Output(greeting=f"hello {input.name}", letters=len(input.name))
