package taskfile

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Schema returns the JSON Schema of a tasks.toml, for editors: what it refuses, [Parse] refuses. It says nothing of what only Parse
// can find, such as needs of tasks that do not exist.
func Schema() []byte {
	root := schemaOf(reflect.TypeFor[Group](), "group")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "tasks.toml of taskvisor"
	properties := root["properties"].(object)
	definitions := object{
		"group":    withPolicy(root),
		"task":     oneOf(withPolicy(schemaOf(reflect.TypeFor[Task](), "task")), "command", "exec"),
		"defaults": without(withPolicy(schemaOf(reflect.TypeFor[Task](), "task")), notDefaults...),
		"ready":    oneOf(schemaOf(reflect.TypeFor[Ready](), "ready"), "port", "http", "line", "file", "command", "exec", "notify", "end"),
		"health":   oneOf(schemaOf(reflect.TypeFor[Health](), "health"), "port", "http", "command", "exec"),
		"output":   schemaOf(reflect.TypeFor[Output](), "output"),
		"rate":     schemaOf(reflect.TypeFor[Rate](), "rate"),
		"duration": object{
			"type": "string", "description": `A time as Go writes it, such as "500ms" or "1m30s", or "forever".`,
			"pattern": durations.String(),
		},
		"size": object{"type": "string", "description": `A number of bytes, such as "64KiB" or "10MB".`, "pattern": sizes.String()},
		"signal": object{"anyOf": []any{
			object{"enum": signals}, object{"type": "string", "pattern": "^([sS][iI][gG])?(" + caseless(signals) + ")$"},
		}},
	}
	definitions["rate"].(object)["required"] = []string{"within"}
	root["$defs"] = definitions
	root["properties"] = properties
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		panic(err) // maps and strings
	}
	return text.Bytes()
}

type object = map[string]any

// schemaOf returns the schema of a table.
func schemaOf(of reflect.Type, table string) object {
	properties := object{}
	for _, field := range ownKeys(of) {
		key := field.Tag.Get("toml")
		property := object{}
		for name, value := range typeSchema(field.Type) {
			property[name] = value
		}
		about := reference[table][key]
		property["description"] = strings.ReplaceAll(about.is, "`", "")
		if about.without != "" {
			property["description"] = strings.ReplaceAll(about.is+" Without it: "+about.without+".", "`", "")
		}
		properties[key] = property
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func typeSchema(of reflect.Type) object {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	list := func(kind string) object { return object{"type": "array", "items": object{"type": kind}} }
	switch value := reflect.New(of).Interface().(type) {
	case *Duration:
		return refersTo("duration")
	case *Size:
		return refersTo("size")
	case *Signal:
		return refersTo("signal")
	case *Attempts:
		return object{"anyOf": []any{object{"type": "integer", "minimum": 0}, object{"const": "unlimited"}}}
	case *Strings:
		return object{"anyOf": []any{object{"type": "string"}, list("string")}}
	case *[]string:
		return list("string")
	case *[]int:
		return list("integer")
	case *[]Variable:
		return object{"type": "object", "additionalProperties": object{"type": []string{"string", "number", "boolean"}}}
	case *[]*Task:
		return object{"type": "object", "additionalProperties": refersTo("task")}
	case *[]*Group:
		return object{"type": "object", "additionalProperties": refersTo("group")}
	case *Task:
		return refersTo("defaults")
	case word:
		return object{"enum": value.words()}
	}
	switch of.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number", "minimum": 0, "maximum": 1}
	case reflect.Struct:
		return refersTo(strings.ToLower(of.Name()))
	default:
		return object{"type": "integer", "minimum": 0}
	}
}

func refersTo(definition string) object { return object{"$ref": "#/$defs/" + definition} }

// withPolicy returns the schema of a table that has the keys of a policy, too.
func withPolicy(of object) object {
	properties := object{}
	for _, from := range []object{of, schemaOf(reflect.TypeFor[Policy](), "policy")} {
		for key, property := range from["properties"].(object) {
			properties[key] = property
		}
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func without(of object, keys ...string) object {
	for _, key := range keys {
		delete(of["properties"].(object), key)
	}
	return of
}

// oneOf has exactly one of the keys say something: an empty text, an empty list and false say nothing.
func oneOf(of object, keys ...string) object {
	var ways []any
	for _, key := range keys {
		something := object{"minLength": 1}
		switch of["properties"].(object)[key].(object)["type"] {
		case "array":
			something = object{"minItems": 1}
		case "boolean":
			something = object{"const": true}
		}
		ways = append(ways, object{"required": []string{key}, "properties": object{key: something}})
	}
	of["oneOf"] = ways
	return of
}

// caseless returns a pattern of words in whatever case.
func caseless(words []string) string {
	var patterns []string
	for _, word := range words {
		var pattern strings.Builder
		for _, r := range word {
			if lower := strings.ToLower(string(r)); lower != string(r) {
				pattern.WriteString("[" + string(r) + lower + "]")
			} else {
				pattern.WriteRune(r)
			}
		}
		patterns = append(patterns, pattern.String())
	}
	return strings.Join(patterns, "|")
}
