"""The entry script of azureml-inference-server-http."""
import json

from azureml_inference_server_http.api.aml_request import rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse

import container


def init():
    global session
    session = container.open_session(1)


@rawhttp
def run(request):
    answer = container.predict(session, request.get_data())
    return AMLResponse(json.dumps(answer), 200, {"Content-Type": "application/json"})
