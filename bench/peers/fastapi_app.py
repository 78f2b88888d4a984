"""FastAPI on uvicorn: a process per core, each with a thread pool, so that no connection waits for another's image."""
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

import container

app = FastAPI()
session = container.open_session(1)


@app.post("/image")
async def image(request: Request):
    data = await request.body()
    return JSONResponse(await run_in_threadpool(container.predict, session, data))
