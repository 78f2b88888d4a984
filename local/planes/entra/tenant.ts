/** The one directory of the local Azure, and the one application in it: whoever deploys. */
export const tenantId = "00000000-0000-0000-0000-000000000001";
export const clientId = "00000000-0000-0000-0000-000000000002";
