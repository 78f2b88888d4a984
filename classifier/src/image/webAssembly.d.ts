/** The part of WebAssembly's JavaScript interface that is used; TypeScript has it among the types of browsers only. */
declare namespace WebAssembly {
    function validate(bytes: Uint8Array): boolean;
    class Module {
        constructor(bytes: Uint8Array);
    }
    class Memory {
        constructor(size: { initial: number });
        readonly buffer: ArrayBuffer;
        grow(pages: number): number;
    }
    class Instance {
        constructor(module: Module, imports: Record<string, Record<string, Memory>>);
        readonly exports: Record<string, unknown>;
    }
}
