/** The subscription that an id of ARM's names, in lower case. */
export function subscriptionOf(id: string): string {
    return id.split("/")[2]?.toLowerCase() ?? "";
}
