/** The whole of a request's body; throws what `tooLarge` makes as soon as it has more than `limit` bytes. */
export async function readBytes(
    body: AsyncIterable<Buffer>,
    limit: number,
    tooLarge: () => Error,
): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
        length += chunk.length;
        if (length > limit) throw tooLarge();
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}
