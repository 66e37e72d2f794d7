package zoocfg

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Setting is one key with its value, and where it is said: "zoo.cfg:12", "--set".
type Setting struct{ Key, Value, Where string }

// ReadFile reads a zoo.cfg, and the file that its dynamicConfigFile names.
func ReadFile(name string) ([]Setting, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	all, err := Parse(name, string(text))
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.Key != "dynamicConfigFile" {
			continue
		}
		more, err := readMembers(s)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

func readMembers(s Setting) ([]Setting, error) {
	text, err := os.ReadFile(s.Value)
	if err != nil {
		return nil, s.wrong("%v", err)
	}
	return Parse(s.Value, string(text))
}

// Parse reads lines "key=value". Lines that are blank, or begin with # or !, are skipped,
// and one that ends in a backslash goes on in the next, as in Java's properties.
func Parse(name, text string) (all []Setting, err error) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		where, line := fmt.Sprintf("%s:%d", name, i+1), strings.TrimSpace(lines[i])
		if line == "" || strings.ContainsAny(line[:1], "#!") {
			continue
		}
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + strings.TrimSpace(lines[i])
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s: %q is no setting; write KEY=VALUE", where, line)
		}
		all = append(all, Setting{strings.TrimSpace(key), strings.TrimSpace(value), where})
	}
	return all, nil
}

// wrong is what is said of a setting that cannot be.
func (s Setting) wrong(why string, args ...any) error {
	return fmt.Errorf("%s: %s=%s: %s", s.Where, s.Key, s.Value, fmt.Sprintf(why, args...))
}

// readID reads the file myid; no file is no id.
func readID(dir string) (id, where string, err error) {
	where = filepath.Join(dir, "myid")
	text, err := os.ReadFile(where)
	if os.IsNotExist(err) {
		return "", where, nil
	}
	return strings.TrimSpace(string(text)), where, err
}
