"""MLServer: a process takes the requests and hands them to a worker per core."""
import asyncio
import os
import tempfile

from fastapi import Body
from fastapi.responses import JSONResponse
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.handlers import custom_handler
from mlserver.utils import install_uvloop_event_loop

import container


class Classifier(MLModel):
    async def load(self):
        self.session = container.open_session(1)
        return True

    @custom_handler(rest_path="/image")
    async def image(self, data: bytes = Body()):
        return JSONResponse(container.predict(self.session, data))


async def serve():
    folder = os.path.join(tempfile.gettempdir(), "edge-classifier-mlserver")
    settings = Settings(
        debug=False,
        host="127.0.0.1",
        http_port=int(os.environ["PORT"]),
        grpc_port=0,
        parallel_workers=int(os.environ["WORKERS"]),
        metrics_endpoint=None,
        gzip_enabled=False,
        environments_dir=folder,
        metrics_dir=folder,
    )
    model = ModelSettings(name="classifier", implementation="mlserver_app.Classifier")
    await MLServer(settings).start([model])


if __name__ == "__main__":
    install_uvloop_event_loop()
    asyncio.run(serve())
