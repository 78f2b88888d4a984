// Writes a Pulumi package's SDKs from its schema, by Pulumi's own generators. They belong to the language hosts, which
// are no Go modules that could be had; as libraries of the engine's module they can.
//
// Usage: sdk OUTPUT_FOLDER < schema.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "edge-classifier"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "Expected the folder to write to as the only argument, and the schema on standard input.")
		os.Exit(2)
	}
	if err := writeSdks(os.Stdin, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeSdks(source io.Reader, output string) error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(source).Decode(&spec); err != nil {
		return fmt.Errorf("Expected a schema as JSON on standard input, found: %w", err)
	}
	// Without it the Go SDK has no go.mod.
	spec.Meta = &schema.MetadataSpec{SupportPack: true}
	languages := []struct {
		folder   string
		generate func(*schema.Package) (map[string][]byte, error)
	}{
		{"nodejs", func(pkg *schema.Package) (map[string][]byte, error) {
			return nodejs.GeneratePackage(tool, pkg, nil, nil, true, nil)
		}},
		{"python", func(pkg *schema.Package) (map[string][]byte, error) {
			return python.GeneratePackage(tool, pkg, nil, nil)
		}},
		{"go", func(pkg *schema.Package) (map[string][]byte, error) {
			return golang.GeneratePackage(tool, pkg, nil)
		}},
	}
	for _, language := range languages {
		// Each generator keeps notes in the package that it is given. No schema here refers to another package.
		pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
		if err != nil {
			return err
		}
		if problems.HasErrors() {
			return problems
		}
		files, err := language.generate(pkg)
		if err != nil {
			return fmt.Errorf("%s: %w", language.folder, err)
		}
		if err := writeFiles(filepath.Join(output, language.folder), files); err != nil {
			return err
		}
	}
	return nil
}

func writeFiles(folder string, files map[string][]byte) error {
	for name, content := range files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
