import { answers, type DockerEngine, findDockerEngine } from "../../local/docker/dockerEngine";

/** The engine of DOCKER_HOST or the usual socket; where none answers, why tests of containers do not run. */
export async function testEngine(): Promise<DockerEngine | undefined> {
    const engine = findDockerEngine(process.env.DOCKER_HOST);
    if (engine && (await answers(engine))) return engine;
    console.warn(
        "Containers are not tested: no Docker engine answers at DOCKER_HOST or /var/run/docker.sock. " +
            "Start one for the tests with: .ci/docker-engine npm run test:docker",
    );
    return undefined;
}
