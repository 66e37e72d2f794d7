package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names, paths and messages come from the program under test. None of them may leave
// its line, move the cursor of a terminal, open a tag, or become syntax of a diagram.

// maxName bounds one name inside a sentence, maxLine one rendered line, in bytes.
const (
	maxName = 120
	maxLine = 600
)

// clip cuts s to at most n bytes, between characters, and shows that it did.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// printable replaces what a terminal would not show as a character.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, s)
}

// oneLine makes s one printable line of at most maxLine bytes.
func oneLine(s string) string {
	return clip(printable(strings.Join(strings.Fields(s), " ")), maxLine)
}

// escaped writes the characters of s through escape and stops, visibly, at maxLine bytes
// of result, so that no text can grow without bound by being escaped.
func escaped(s string, escape func(rune) string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if b.Len() > maxLine {
			return b.String() + "..."
		}
		b.WriteString(escape(r))
	}
	return b.String()
}

// markdown makes s inline text that shows as it is, in a paragraph or a table cell.
func markdown(s string) string {
	return escaped(s, func(r rune) string {
		switch r {
		case '&':
			return "&amp;"
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		case '@', '#':
			// An empty comment keeps an issue tracker from seeing a mention or a reference.
			return string(r) + "<!-- -->"
		case '\\', '`', '*', '_', '~', '$', '[', ']', '!', '|':
			return "\\" + string(r)
		}
		return string(r)
	})
}

// fenced puts body into a code block that nothing in it can close.
func fenced(language, body string) string {
	fence := strings.Repeat("`", max(3, longestRun(body, '`')+1))
	return fence + language + "\n" + strings.TrimRight(body, "\n") + "\n" + fence + "\n"
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// mermaid makes s the text of a message or note. Everything that is not plainly a letter,
// a digit or harmless punctuation becomes a numeric entity, so no rule of the diagram's
// grammar has to be known here.
func mermaid(s string) string {
	return escaped(s, func(r rune) string {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ./,=()'_-", r) {
			return string(r)
		}
		return fmt.Sprintf("#%d;", r)
	})
}
