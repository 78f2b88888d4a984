import { ServiceError } from "../../../infra/provider/service/serviceError";
import { isNotActive, isSettling, mayBeNew } from "../../../infra/provider/settling";

const refusal = (status: number, message: string) => new ServiceError(status, "code", message);
const unreachable = (code: string) => new Error("no answer", { cause: { code } });

test.each([
    "The hub 'h' is not currently in Active state.",
    "The hub is NOT ACTIVE yet.",
    "errorcode: IH409002.",
    "409002",
])("a hub is not active where a conflict says: %s", (message) => {
    expect(isNotActive({ status: 409, message })).toBe(true);
    expect(isSettling(refusal(409, message))).toBe(true);
    expect(isNotActive({ status: 400, message })).toBe(false);
});

test.each([
    ["a conflict of another kind", refusal(409, "DeviceAlreadyExists")],
    ["a number that only holds the code", refusal(409, "14090021")],
    ["a hub that is not found with another status", refusal(404, "IotHubNotFound")],
    ["a key that is refused", refusal(401, "Unauthorized")],
    ["a network that is down", unreachable("EAI_AGAIN")],
    ["whatever else fails", new Error("no cause")],
])("%s is no sign of a service that was just made", (_, error) => {
    expect(isSettling(error)).toBe(false);
});

test("a gateway that does not know the hub, and a name that is not there, at either depth, are", () => {
    expect(isSettling(refusal(401, "ErrorCode:IotHubNotFound;Unauthorized"))).toBe(true);
    expect(isSettling(unreachable("ENOTFOUND"))).toBe(true);
    expect(isSettling(new Error("no answer", { cause: unreachable("ENOTFOUND") }))).toBe(true);
});

test("a resource may be new for a quarter of an hour, and always where ARM does not date it", () => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    expect([mayBeNew(ago(0)), mayBeNew(ago(14)), mayBeNew(ago(16))]).toEqual([true, true, false]);
    expect([mayBeNew(undefined), mayBeNew("soon")]).toEqual([true, true]);
});
