"""BentoML: a worker per core under its own supervisor, each classifying where it takes the requests.

Threads in its workers were no faster.
"""
import os
from typing import Any

import bentoml
from starlette.responses import JSONResponse

import container


@bentoml.service(
    workers=int(os.environ["WORKERS"]),
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Classifier:
    def __init__(self):
        self.session = container.open_session(1)

    @bentoml.api(route="/image")
    async def image(self, data: bytes, /) -> Any:
        return JSONResponse(container.predict(self.session, data))


if __name__ == "__main__":
    from bentoml_cli.cli import cli

    # Its supervisor gives every worker a session of its own, which would take them out of our process group.
    os.setsid = lambda: None
    cli(["serve", "bentoml_app:Classifier", "--host", "127.0.0.1", "--port", os.environ["PORT"], "--quiet"])
