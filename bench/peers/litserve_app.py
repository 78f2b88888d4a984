"""LitServe: a worker per core on the CPU. Takes images as multipart files; a raw body it reads as JSON."""
import os

import litserve

import container


class Classifier(litserve.LitAPI):
    def setup(self, device):
        self.session = container.open_session(1)

    def decode_request(self, request):
        return request["imageData"].file.read()

    def predict(self, data):
        return container.predict(self.session, data)

    def encode_response(self, answer):
        return answer


if __name__ == "__main__":
    server = litserve.LitServer(
        Classifier(api_path="/image"),
        accelerator="cpu",
        workers_per_device=int(os.environ["WORKERS"]),
    )
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), generate_client_file=False, log_level="warning")
