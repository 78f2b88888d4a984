/** A module as the deployment wants it; plain JSON, kept beside what runs so that a change is noticed. */
export interface DesiredModule {
    name: string;
    version?: string;
    image: string;
    /** JSON, put together from its chunks. */
    createOptions: string;
    env: Record<string, string>;
    status: "running" | "stopped";
    restartPolicy: "never" | "on-failure" | "on-unhealthy" | "always";
    imagePullPolicy: "on-create" | "never";
    /** Modules with a lower number start first. */
    startupOrder: number;
}

/** The account by which the deployment lets the device pull from a registry. */
export interface RegistryCredential {
    address: string;
    username: string;
    password: string;
}
