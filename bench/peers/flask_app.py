"""Flask: on its development server, as the exported container runs it, or as an application for gunicorn."""
import os

from flask import Flask, jsonify, request

import container

app = Flask(__name__)
session = container.open_session(int(os.environ["THREADS"]))


@app.post("/image")
def image():
    return jsonify(container.predict(session, request.get_data()))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
