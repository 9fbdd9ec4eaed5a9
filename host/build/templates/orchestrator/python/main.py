import asyncio

from lazaret import Content, flow, orchestrator


@orchestrator
async def run(args: Content) -> Content:
    texts = await flow.split(args, 100)
    await flow.phase("Read")
    ended = await asyncio.gather(
        *(
            flow.spawn("reader", name=f"text {index}", text=["Say what this is about:\n\n", text])
            for index, text in enumerate(texts, 1)
        )
    )
    leaves = {f"/{index}": one.content for index, one in enumerate(ended) if one.how == "value"}
    return await flow.compose([None] * len(ended), leaves)
