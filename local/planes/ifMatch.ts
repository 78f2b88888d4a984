/** Whether the header If-Match names this ETag, or any; both come with and without quotes. */
export function namesEtag(ifMatch: string, etag: string): boolean {
    const plain = (text: string) => text.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
    return plain(ifMatch) === "*" || plain(ifMatch) === plain(etag);
}
