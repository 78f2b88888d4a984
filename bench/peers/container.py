"""What every peer has in common: the order of the exported container of 2025 (V3), its answer, and one session."""
import io
import os
from datetime import datetime, timezone

# Before onnxruntime is loaded, as the service does.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageOps

SIDE = 224
MODEL = os.environ["MODEL_DIR"]
LABELS = [line.strip() for line in open(os.path.join(MODEL, "labels.txt"))]


def open_session(threads):
    """`threads` per run; 0 leaves it to onnxruntime, which takes all cores and spins."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    if threads == 1:
        options.inter_op_num_threads = 1
    return ort.InferenceSession(
        os.path.join(MODEL, "model.onnx"), options, providers=["CPUExecutionProvider"]
    )


def pixels(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    width, height = image.size
    if width < height:
        width, height = SIDE, round(height * SIDE / width)
    else:
        width, height = round(width * SIDE / height), SIDE
    image = image.resize((width, height), Image.BILINEAR)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    image = image.crop((left, top, left + SIDE, top + SIDE)).convert("RGB")
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)


def predict(session, data):
    scores = session.run(["scores"], {"data": pixels(data)})[0][0]
    return {
        "created": datetime.now(timezone.utc).replace(tzinfo=None).isoformat(),
        "id": "",
        "iteration": "",
        "predictions": [
            {"boundingBox": None, "probability": round(float(score), 8), "tagId": "", "tagName": label}
            for label, score in zip(LABELS, scores)
        ],
        "project": "",
    }
