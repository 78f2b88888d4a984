"""The limit of the hardware: scaled decoding by OpenCV's libjpeg-turbo, its resize, the run, and nothing else.

Reads tasks, a line of JSON each, and answers each with a line, as `limitProcess.ts` does.
"""
import json
import resource
import sys
import time

import cv2
import numpy as np

import container

cv2.setNumThreads(1)
session = container.open_session(1)
SCALES = [(8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2)]


def flag(shorter):
    """The smallest scale that is not below the size wanted."""
    for factor, reduced in SCALES:
        if shorter // factor >= container.SIDE:
            return reduced
    return cv2.IMREAD_COLOR


def classify(data, how):
    image = cv2.imdecode(data, how)
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    small = cv2.resize(square, (container.SIDE, container.SIDE), interpolation=cv2.INTER_LINEAR)
    # OpenCV's order of channels is the network's.
    return session.run(["scores"], {"data": cv2.dnn.blobFromImage(small)})


def repeat(data, how, seconds):
    used = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    images = 0
    passed = 0.0
    while passed < seconds:
        classify(data, how)
        images += 1
        passed = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return {"images": images, "seconds": passed, "cpuSeconds": cpu}


print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    data = np.fromfile(task["image"], dtype=np.uint8)
    how = flag(min(cv2.imdecode(data, cv2.IMREAD_COLOR).shape[:2]))
    repeat(data, how, 0.3)
    print(json.dumps(repeat(data, how, task["seconds"])), flush=True)
