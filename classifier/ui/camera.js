import { toJpeg } from "./photo.js";

/** The longest sides of the frames that are classified while the camera is open, and of the photo that is taken. */
const FRAME_SIDE = 640;
const PHOTO_SIDE = 1600;
const PAUSE_MS = 250;

let stream;

/** Browsers give the camera to pages of this machine and to those that came by HTTPS only. */
export function canOpenCamera() {
    return navigator.mediaDevices?.getUserMedia !== undefined;
}

/** Shows what the camera sees in `video`, and gives `onFrame` a frame after the other until it is closed. */
export async function openCamera(video, onFrame) {
    stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
        audio: false,
    });
    const own = stream;
    video.srcObject = own;
    await video.play();
    while (stream === own) {
        await onFrame(await frame(video, FRAME_SIDE));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
}

/** The frame that is shown now, as a file. */
export async function takePhoto(video) {
    return new File([await frame(video, PHOTO_SIDE)], "photo.jpg", { type: "image/jpeg" });
}

export function closeCamera(video) {
    for (const track of stream?.getTracks() ?? []) {
        track.stop();
    }
    stream = undefined;
    video.srcObject = null;
}

function frame(video, side) {
    return toJpeg(video, video.videoWidth, video.videoHeight, side);
}
