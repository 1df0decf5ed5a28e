// Command values puts the keys of conf/homespan.yaml into the chart's values.schema.json, as what may stand under "config", so
// that a misspelt key is an error of helm's and not of a pod that does not start. Of values only the kind is checked here; what
// they may be, a node says ("validate").
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

type object = map[string]any

// schema is the file as it is written by hand, but for its definitions.
type schema struct {
	Schema      string          `json:"$schema"`
	Title       string          `json:"title"`
	Type        string          `json:"type"`
	Additional  bool            `json:"additionalProperties"`
	Properties  json.RawMessage `json:"properties"`
	Definitions object          `json:"definitions"`
}

func main() {
	if len(os.Args) != 3 {
		fatal(fmt.Errorf("values HOMESPAN.YAML VALUES.SCHEMA.JSON"))
	}
	in, err := os.ReadFile(os.Args[1])
	fatal(err)
	var keys object
	fatal(yaml.Unmarshal(in, &keys))
	written, err := os.ReadFile(os.Args[2])
	fatal(err)
	var all schema
	fatal(json.Unmarshal(written, &all))
	config := section(keys)
	properties := config["properties"].(object)
	one := properties["sink"]
	properties["sink"] = object{"anyOf": []any{one, object{"type": "array", "items": one}}}
	// providers of one's own have settings under names of their own
	properties["discovery"].(object)["additionalProperties"] = object{"type": "object"}
	all.Definitions = object{"config": config}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	fatal(encoder.Encode(all))
	fatal(os.WriteFile(os.Args[2], out.Bytes(), 0o644))
}

func section(keys object) object {
	properties := object{}
	for key, value := range keys {
		properties[key] = kind(key, value)
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func kind(key string, value any) object {
	switch value := value.(type) {
	case object:
		if len(value) == 0 { // names and values that are handed on
			return types("object")
		}
		return section(value)
	case bool:
		return types("boolean")
	case int, float64:
		return types("number")
	case []any: // one of a list may stand alone
		return types("array", "string")
	case string:
		if key == "discovery_mode" {
			return types("string", "array")
		}
		return types("string")
	default: // no default to tell by
		return types("string", "number", "array")
	}
}

func types(names ...string) object {
	return object{"type": append(names, "null")}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "values:", err)
		os.Exit(1)
	}
}
