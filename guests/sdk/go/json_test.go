package guest

import (
	"slices"
	"testing"
)

func TestWhatIsQuotedReadsBack(t *testing.T) {
	for _, text := range []string{"", "plain", `a "b" \ c`, "\n\t\x01\x1f", "Grüße 🌍"} {
		if got := texts(quoted(text)); !slices.Equal(got, []string{text}) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestHeadsAreTakenApart(t *testing.T) {
	json := `{"status":204,"headers":[["a","b"],["c","\"\\\n\u0001"]]}`
	if got := number(json, "status"); got != 204 {
		t.Errorf("the status is %d", got)
	}
	want := []string{"status", "headers", "a", "b", "c", "\"\\\n\x01"}
	if got := texts(json); !slices.Equal(got, want) {
		t.Errorf("the texts are %q", got)
	}
	if got := texts(`"cut \`); len(got) != 1 {
		t.Errorf("a text without an end became %q", got)
	}
}
