# Trains scikit-learn's digits as the deployment guides train theirs, and writes to the folder of the first argument the
# model as ONNX and, as JSON, all rows with the labels that scikit-learn itself predicts.
import json
import sys

import numpy
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

images, labels = load_digits(return_X_y=True)
rows = (images / 16).astype(numpy.float32)
classifier = LogisticRegression(max_iter=200).fit(rows, labels)
with open(f"{sys.argv[1]}/model.onnx", "wb") as file:
    file.write(to_onnx(classifier, rows[:1]).SerializeToString())
with open(f"{sys.argv[1]}/expected.json", "w") as file:
    json.dump({"data": rows.tolist(), "labels": classifier.predict(rows).tolist()}, file)
