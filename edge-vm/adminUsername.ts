/** Names that Azure keeps from administrators of Linux machines: documentation of osProfile.adminUsername. */
const reserved = [
    ...["1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup"],
    ...["console", "david", "guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0"],
    ...["sys", "test", "test1", "test2", "test3", "user", "user1", "user2", "user3", "user4", "user5"],
];

/** Whether Azure and Linux take a text as the name of a machine's administrator. */
export function isAdminUsername(text: string): boolean {
    return /^[a-z_][a-z0-9_-]{0,31}$/.test(text) && !reserved.includes(text);
}

/** Throws for a name that Azure would refuse only after it has made everything else. */
export function checkAdminUsername(text: string): void {
    if (isAdminUsername(text)) return;
    throw new Error(
        `Expected the administrator's name to be one that Linux and Azure take, such as edge, found "${text}". ` +
            "Azure reserves names such as admin, root, test and user.",
    );
}
