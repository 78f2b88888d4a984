import { imageBody } from "../../classifier/src/http/imageBody";

/** A form with one part, whose parts are parted by `boundary`. */
function formOf(boundary: string): [body: Buffer, contentType: string] {
    const lines = [
        `--${boundary}`,
        'Content-Disposition: form-data; name="imageData"; filename="a.png"',
        "",
        "pixels",
        `--${boundary}--`,
        "",
    ];
    return [Buffer.from(lines.join("\r\n")), `multipart/form-data; boundary=${boundary}`];
}

describe("the image in a body", () => {
    test("is that of the form's part, for boundaries as long as clients make them", () => {
        expect(imageBody(...formOf("b".repeat(100))).toString()).toBe("pixels");
    });

    test("is the body itself where the boundary is longer than any client's, which would take long to look for", () => {
        const [body, contentType] = formOf("b".repeat(101));
        expect(imageBody(body, contentType)).toBe(body);
    });
});
