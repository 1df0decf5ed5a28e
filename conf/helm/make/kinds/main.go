// Command kinds writes a JSON schema for each kind that the chart makes, from the Go types that Kubernetes itself reads
// manifests into: every field there is, no other, what it holds, and which must be there. The files are strict, so that a
// misspelt field is an error, and hold no descriptions, so that they stay small. kubeconform reads them:
//
//	helm template conf/helm/homespan | kubeconform -strict -schema-location 'conf/helm/schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json' -
//
// A further kind takes a line in main. A newer Kubernetes takes another version in go.mod.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

type object = map[string]any

func main() {
	if len(os.Args) != 2 {
		fatal(fmt.Errorf("kinds DIRECTORY: where the schemas go"))
	}
	for _, kind := range []struct {
		version string
		of      any
	}{
		{"v1", corev1.ConfigMap{}},
		{"v1", corev1.Service{}},
		{"v1", corev1.ServiceAccount{}},
		{"apps/v1", appsv1.StatefulSet{}},
		{"apps/v1", appsv1.Deployment{}},
		{"autoscaling/v2", autoscalingv2.HorizontalPodAutoscaler{}},
		{"networking.k8s.io/v1", networkingv1.NetworkPolicy{}},
		{"policy/v1", policyv1.PodDisruptionBudget{}},
		{"rbac.authorization.k8s.io/v1", rbacv1.Role{}},
		{"rbac.authorization.k8s.io/v1", rbacv1.RoleBinding{}},
		{"monitoring.coreos.com/v1", monitoringv1.ServiceMonitor{}},
	} {
		write(os.Args[1], kind.version, reflect.TypeOf(kind.of))
	}
}

// write makes one file, named as kubeconform looks for it.
func write(dir, version string, t reflect.Type) {
	definitions := map[string]object{}
	refer(t, definitions)
	top := definitions[name(t)]
	delete(definitions, name(t))
	properties := top["properties"].(object)
	delete(properties, "status") // the cluster writes it
	properties["apiVersion"] = object{"enum": []string{version}}
	properties["kind"] = object{"enum": []string{t.Name()}}
	top["required"] = append([]string{"apiVersion", "kind", "metadata"}, others(top["required"])...)

	names := make([]string, 0, len(definitions))
	for each := range definitions {
		names = append(names, each)
	}
	sort.Strings(names)
	// a line for each type, so that one sees what a newer version changes
	var out strings.Builder
	out.WriteString("{\n\"$schema\": \"http://json-schema.org/draft-07/schema#\",\n")
	for _, key := range []string{"type", "additionalProperties", "required", "properties"} {
		fmt.Fprintf(&out, "%q: %s,\n", key, text(top[key]))
	}
	out.WriteString("\"definitions\": {")
	for i, each := range names {
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(&out, "\n%q: %s", each, text(definitions[each]))
	}
	out.WriteString("\n}\n}\n")

	group, short, found := strings.Cut(version, "/")
	if !found {
		group, short = "", version
	} else {
		group = strings.SplitN(group, ".", 2)[0] + "-"
	}
	file := strings.ToLower(t.Name()) + "-" + group + short + ".json"
	fatal(os.WriteFile(filepath.Join(dir, file), []byte(out.String()), 0o644))
}

// refer says what a field of this type holds; what structs hold goes into definitions.
func refer(t reflect.Type, definitions map[string]object) object {
	switch name(t) {
	case "resource.Quantity":
		return object{"type": []string{"string", "number"}, "pattern": `^[+-]?[0-9]*\.?[0-9]+([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`}
	case "intstr.IntOrString":
		return object{"type": []string{"string", "integer"}}
	case "v1.Time", "v1.MicroTime":
		return object{"type": "string", "format": "date-time"}
	case "runtime.RawExtension", "v1.FieldsV1":
		return object{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return refer(t.Elem(), definitions)
	case reflect.String:
		if enum := source(t.PkgPath()).enums[t.Name()]; enum != nil {
			return object{"enum": enum}
		}
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{"type": "string"} // base64
		}
		return object{"type": "array", "items": refer(t.Elem(), definitions)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": refer(t.Elem(), definitions)}
	case reflect.Struct:
		if _, known := definitions[name(t)]; !known {
			definitions[name(t)] = object{} // types that hold themselves
			properties, required := object{}, []string{}
			fields(t, properties, &required, definitions)
			of := object{"type": "object", "additionalProperties": false, "properties": properties}
			if len(required) > 0 {
				of["required"] = required
			}
			definitions[name(t)] = of
		}
		return object{"$ref": "#/definitions/" + name(t)}
	}
	fatal(fmt.Errorf("%v is of a kind that is not foreseen here", t))
	return nil
}

func fields(t reflect.Type, properties object, required *[]string, definitions map[string]object) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		if tag[0] == "-" || !field.IsExported() {
			continue
		}
		if field.Anonymous && tag[0] == "" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			fields(inner, properties, required, definitions)
			continue
		}
		properties[tag[0]] = refer(field.Type, definitions)
		optional := source(t.PkgPath()).optional[t.Name()+"."+field.Name]
		for _, word := range tag[1:] {
			optional = optional || word == "omitempty" || word == "omitzero"
		}
		if !optional {
			*required = append(*required, tag[0])
		}
	}
}

// name tells a type from others: package and type, such as v1.Container. Groups share such names, so theirs is put before.
func name(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	if len(path) < 2 || t.Name() == "" {
		return t.String()
	}
	group := path[len(path)-2]
	if group == "core" || group == "meta" || group == "apimachinery" || !strings.HasPrefix(path[len(path)-1], "v") {
		return t.String()
	}
	return group + "." + t.Name()
}

// read is what only comments say: which words a string may be, and what may be left out.
type read struct {
	enums    map[string][]string
	optional map[string]bool
}

var sources = map[string]*read{}

func source(pkg string) *read {
	if pkg == "" {
		return &read{}
	}
	if known := sources[pkg]; known != nil {
		return known
	}
	found := &read{map[string][]string{}, map[string]bool{}}
	sources[pkg] = found
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	fatal(err)
	parsed, err := parser.ParseDir(token.NewFileSet(), strings.TrimSpace(string(dir)), nil, parser.ParseComments)
	fatal(err)
	closed, words := map[string]bool{}, map[string][]string{}
	for _, each := range parsed {
		ast.Inspect(each, func(node ast.Node) bool {
			declared, is := node.(*ast.GenDecl)
			if !is {
				return true
			}
			for _, spec := range declared.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					comment := raw(declared.Doc) + raw(spec.Doc)
					closed[spec.Name.Name] = strings.Contains(comment, "+enum")
					if of, is := spec.Type.(*ast.StructType); is {
						for _, field := range of.Fields.List {
							for _, name := range field.Names {
								found.optional[spec.Name.Name+"."+name.Name] = strings.Contains(raw(field.Doc), "+optional")
							}
						}
					}
				case *ast.ValueSpec:
					if of, is := spec.Type.(*ast.Ident); is {
						for _, value := range spec.Values {
							if word, is := value.(*ast.BasicLit); is && word.Kind == token.STRING {
								plain, err := strconv.Unquote(word.Value)
								fatal(err)
								words[of.Name] = append(words[of.Name], plain)
							}
						}
					}
				}
			}
			return true
		})
	}
	for each := range closed {
		if closed[each] && len(words[each]) > 0 {
			sort.Strings(words[each])
			found.enums[each] = words[each]
		}
	}
	return found
}

func raw(comments *ast.CommentGroup) string {
	if comments == nil {
		return ""
	}
	var all strings.Builder
	for _, each := range comments.List {
		all.WriteString(each.Text + "\n")
	}
	return all.String()
}

func others(value any) []string {
	list, _ := value.([]string)
	var left []string
	for _, each := range list {
		if each != "metadata" {
			left = append(left, each)
		}
	}
	return left
}

func text(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	fatal(encoder.Encode(value))
	return strings.TrimSpace(out.String())
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kinds:", err)
		os.Exit(1)
	}
}
