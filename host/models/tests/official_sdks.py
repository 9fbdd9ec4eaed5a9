"""Asks every provider's official SDK against the fake provider, so that it may test our client.

    PYTHONPATH=SDKS python3 tests/official_sdks.py http://127.0.0.1:PORT

Exit status 0: every SDK understood every answer; 1: one did not.
"""

import sys

KEY = "test-key-0123456789abcdef"
AWS_SECRET = "test-secret-0123456789abcdef0123456789ab"
HELLO = "Hello from the fäke 模型."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
DESCRIPTION = "Tells the weather."


def same(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def refused(call, kind):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def anthropic_sdk(base):
    import anthropic

    client = anthropic.Anthropic(base_url=base, api_key=KEY, max_retries=0)
    ask = {"max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
    tools = [{"name": "get_weather", "description": DESCRIPTION, "input_schema": SCHEMA}]

    message = client.messages.create(model="text", **ask)
    same("text", message.content[0].text, HELLO)
    same("usage", (message.usage.input_tokens, message.usage.output_tokens), (12, 7))
    same("stop", message.stop_reason, "end_turn")

    with client.messages.stream(model="text", **ask) as stream:
        same("stream", "".join(stream.text_stream), HELLO)
        same("usage", stream.get_final_message().usage.output_tokens, 7)

    message = client.messages.create(model="tools", tools=tools, **ask)
    same("call", (message.content[0].name, message.content[0].input), ("get_weather", {"city": "Paris"}))
    with client.messages.stream(model="parallel", tools=tools, **ask) as stream:
        calls = stream.get_final_message().content
    same("calls", [(c.name, c.input) for c in calls], [("get_weather", {"city": "Paris"}), ("get_time", {})])
    result = {"type": "tool_result", "tool_use_id": "call_weather", "content": "20"}
    turns = ask["messages"] + [
        {"role": "assistant", "content": [c.to_dict() for c in message.content]},
        {"role": "user", "content": [result]},
    ]
    message = client.messages.create(model="tools", tools=tools, max_tokens=100, messages=turns)
    same("answer", message.content[0].text, "It is 20 degrees.")

    with client.messages.stream(model="slow", **ask) as stream:
        same("slow", stream.get_final_text(), HELLO)
    with client.messages.stream(model="thoughtful", tools=tools, **ask) as stream:
        thought, call = stream.get_final_message().content
    same("thought and call", (thought.thinking, call.name), ("I have to think.", "get_weather"))
    refused(lambda: list(client.messages.create(model="cut", stream=True, **ask)), Exception)

    with client.messages.stream(model="reasoning", **ask) as stream:
        thought = stream.get_final_message().content[0]
    same("thought", (thought.thinking, thought.signature), ("I have to think.", "c2lnbmVk"))
    error = refused(lambda: client.messages.create(model="status-429-seconds", **ask), anthropic.RateLimitError)
    same("retry-after", error.response.headers["retry-after"], "1")
    refused(lambda: client.messages.create(model="status-401", **ask), anthropic.AuthenticationError)
    refused(lambda: client.messages.create(model="status-529", **ask), anthropic.APIStatusError)
    refused(lambda: list(client.messages.create(model="error", stream=True, **ask)), anthropic.APIStatusError)
    bad = anthropic.Anthropic(base_url=base, api_key="wrong", max_retries=0)
    refused(lambda: bad.messages.create(model="text", **ask), anthropic.AuthenticationError)
    same("models", [m.id for m in client.models.list().data], ["text"])


def openai_calls(client, tools):
    import openai

    ask = {"messages": [{"role": "user", "content": "hi"}]}
    create = client.chat.completions.create
    answer = create(model="text", **ask)
    same("text", answer.choices[0].message.content, HELLO)
    same("usage", (answer.usage.prompt_tokens, answer.usage.prompt_tokens_details.cached_tokens), (20, 5))

    chunks = list(create(model="text", stream=True, stream_options={"include_usage": True}, **ask))
    same("stream", "".join(c.choices[0].delta.content or "" for c in chunks if c.choices), HELLO)
    same("usage", chunks[-1].usage.completion_tokens, 7)

    message = create(model="tools", tools=tools, **ask).choices[0].message
    same("call", message.tool_calls[0].function.arguments, '{"city": "Paris"}')
    with client.chat.completions.stream(model="parallel", tools=tools, **ask) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    same("calls", [c.function.name for c in calls], ["get_weather", "get_time"])
    same("arguments", [c.function.arguments for c in calls], ['{"city": "Paris"}', "{}"])
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "20"}
    turns = ask["messages"] + [message.to_dict(), result]
    same("answer", create(model="tools", messages=turns).choices[0].message.content, "It is 20 degrees.")

    chunks = list(create(model="slow", stream=True, **ask))
    same("slow", "".join(c.choices[0].delta.content or "" for c in chunks if c.choices), HELLO)
    message = create(model="malformed", tools=tools, **ask).choices[0].message
    same("malformed", message.tool_calls[0].function.arguments, '{"city": "Par')
    refused(lambda: list(create(model="cut", stream=True, **ask)), Exception)
    refused(lambda: create(model="status-429-seconds", **ask), openai.RateLimitError)
    refused(lambda: create(model="status-401", **ask), openai.AuthenticationError)
    refused(lambda: create(model="status-500", **ask), openai.InternalServerError)
    refused(lambda: list(create(model="error", stream=True, **ask)), openai.APIError)


def openai_sdk(base):
    import openai

    tools = [{"type": "function", "function": {"name": "get_weather", "description": DESCRIPTION, "parameters": SCHEMA}}]
    client = openai.OpenAI(base_url=base + "/v1", api_key=KEY, max_retries=0)
    openai_calls(client, tools)
    same("models", [m.id for m in client.models.list()], ["text"])
    bad = openai.OpenAI(base_url=base + "/v1", api_key="wrong", max_retries=0)
    ask = {"model": "text", "messages": [{"role": "user", "content": "hi"}]}
    refused(lambda: bad.chat.completions.create(**ask), openai.AuthenticationError)


def azure_sdk(base):
    import openai

    tools = [{"type": "function", "function": {"name": "get_weather", "description": DESCRIPTION, "parameters": SCHEMA}}]
    openai_calls(
        openai.AzureOpenAI(azure_endpoint=base, api_key=KEY, api_version="2024-10-21", max_retries=0), tools
    )
    # The newer addresses take OpenAI's own client, and the key in Azure's header.
    current = openai.OpenAI(base_url=base + "/openai/v1", api_key=KEY, default_headers={"api-key": KEY}, max_retries=0)
    openai_calls(current, tools)


def gemini_calls(client):
    from google.genai import errors, types

    function = types.FunctionDeclaration(name="get_weather", description=DESCRIPTION, parameters_json_schema=SCHEMA)
    tools = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[function])])
    ask = client.models.generate_content
    answer = ask(model="text", contents="hi")
    same("text", answer.text, HELLO)
    same("usage", answer.usage_metadata.prompt_token_count, 17)
    chunks = list(client.models.generate_content_stream(model="text", contents="hi"))
    same("stream", "".join(c.text or "" for c in chunks), HELLO)
    same("finish", chunks[-1].candidates[0].finish_reason, types.FinishReason.STOP)

    answer = ask(model="tools", contents="hi", config=tools)
    call = answer.function_calls[0]
    same("call", (call.name, call.args), ("get_weather", {"city": "Paris"}))
    same("signature", answer.candidates[0].content.parts[0].thought_signature, b"signed")
    chunks = list(client.models.generate_content_stream(model="parallel", contents="hi", config=tools))
    same("calls", [c.name for chunk in chunks for c in chunk.function_calls or []], ["get_weather", "get_time"])
    turns = [
        types.UserContent("hi"),
        answer.candidates[0].content,
        types.UserContent(types.Part.from_function_response(name="get_weather", response={"result": "20"})),
    ]
    same("answer", ask(model="tools", contents=turns, config=tools).text, "It is 20 degrees.")
    chunks = list(client.models.generate_content_stream(model="slow", contents="hi"))
    same("slow", "".join(c.text or "" for c in chunks), HELLO)
    answer = ask(model="thoughtful", contents="hi", config=tools)
    same("signature", answer.candidates[0].content.parts[-1].thought_signature, b"signed")
    refused(lambda: list(client.models.generate_content_stream(model="cut", contents="hi")), Exception)
    same("code", refused(lambda: ask(model="status-429", contents="hi"), errors.ClientError).code, 429)
    same("code", refused(lambda: ask(model="status-503", contents="hi"), errors.ServerError).code, 503)
    refused(lambda: list(client.models.generate_content_stream(model="error", contents="hi")), errors.APIError)


def gemini_sdk(base):
    from google import genai
    from google.genai import errors, types

    once = types.HttpOptions(base_url=base, retry_options=types.HttpRetryOptions(attempts=1))
    client = genai.Client(api_key=KEY, http_options=once)
    gemini_calls(client)
    same("models", [m.name for m in client.models.list()], ["models/text"])
    bad = genai.Client(api_key="wrong", http_options=once)
    refused(lambda: bad.models.generate_content(model="text", contents="hi"), errors.ClientError)


def vertex_sdk(base):
    from google import genai
    from google.genai import types
    from google.oauth2.credentials import Credentials

    once = types.HttpOptions(base_url=base, retry_options=types.HttpRetryOptions(attempts=1))
    client = genai.Client(
        vertexai=True, project="p", location="us-central1", credentials=Credentials(KEY), http_options=once
    )
    gemini_calls(client)


def bedrock_sdk(base):
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError, EventStreamError

    def make(secret):
        return boto3.client(
            "bedrock-runtime",
            endpoint_url=base,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=secret,
            aws_session_token="a-session",
            config=Config(retries={"total_max_attempts": 1}),
        )

    client = make(AWS_SECRET)
    ask = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    spec = {"name": "get_weather", "description": DESCRIPTION, "inputSchema": {"json": SCHEMA}}
    tools = {"tools": [{"toolSpec": spec}]}

    # The colon of real ids has to survive path and signature.
    answer = client.converse(modelId="text:0", **ask)
    same("text", answer["output"]["message"]["content"][0]["text"], HELLO)
    same("usage", (answer["usage"]["inputTokens"], answer["usage"]["cacheReadInputTokens"]), (12, 5))
    events = list(client.converse_stream(modelId="text", **ask)["stream"])
    deltas = [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]
    same("stream", "".join(d["text"] for d in deltas), HELLO)
    same("usage", events[-1]["metadata"]["usage"]["outputTokens"], 7)

    answer = client.converse(modelId="tools", toolConfig=tools, **ask)
    call = answer["output"]["message"]["content"][0]["toolUse"]
    same("call", (call["name"], call["input"]), ("get_weather", {"city": "Paris"}))
    same("stop", answer["stopReason"], "tool_use")
    events = list(client.converse_stream(modelId="parallel", toolConfig=tools, **ask)["stream"])
    starts = [e["contentBlockStart"]["start"]["toolUse"]["name"] for e in events if "contentBlockStart" in e]
    same("calls", starts, ["get_weather", "get_time"])
    result = {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": "20"}]}}
    turns = ask["messages"] + [answer["output"]["message"], {"role": "user", "content": [result]}]
    answer = client.converse(modelId="tools", toolConfig=tools, messages=turns)
    same("answer", answer["output"]["message"]["content"][0]["text"], "It is 20 degrees.")

    events = list(client.converse_stream(modelId="slow", **ask)["stream"])
    deltas = [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]
    same("slow", "".join(d["text"] for d in deltas), HELLO)
    answer = client.converse(modelId="thoughtful", toolConfig=tools, **ask)
    thought, call = answer["output"]["message"]["content"]
    same("thought", thought["reasoningContent"]["reasoningText"]["signature"], "c2lnbmVk")
    refused(lambda: list(client.converse_stream(modelId="cut", **ask)["stream"]), Exception)
    error = refused(lambda: client.converse(modelId="status-429", **ask), ClientError)
    same("code", error.response["Error"]["Code"], "ThrottlingException")
    refused(lambda: list(client.converse_stream(modelId="error", **ask)["stream"]), EventStreamError)
    error = refused(lambda: make("wrong").converse(modelId="text", **ask), ClientError)
    same("code", error.response["Error"]["Code"], "AccessDeniedException")


CHECKS = [anthropic_sdk, openai_sdk, azure_sdk, gemini_sdk, vertex_sdk, bedrock_sdk]


def main(base):
    failed = 0
    for one in CHECKS:
        try:
            one(base)
            print(f"ok      {one.__name__}", flush=True)
        except Exception as error:
            failed += 1
            print(f"FAILED  {one.__name__}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
