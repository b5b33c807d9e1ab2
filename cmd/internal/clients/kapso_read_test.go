package clients

import (
	"testing"
)

// graphError runs a method that must throw the client's GraphApiError.
func (n *node) graphError(t *testing.T, status, code int, category, action, method string, args ...any) answer {
	t.Helper()
	a := n.call(t, method, args...)
	e := a.Error
	switch {
	case e == nil:
		t.Fatalf("%s did not throw; it gave %s", method, a.Value)
	case e.Class != "GraphApiError" || e.Type != "OAuthException" || e.Message == "" || e.Details == "":
		t.Errorf("%s threw %+v", method, *e)
	case e.HTTPStatus != status || e.Code != code || e.Category != category || e.Retry["action"] != action:
		t.Errorf("%s threw %+v, expected %d, code %d, %s, %s", method, *e, status, code, category, action)
	}
	return a
}

// TestKapsoRefusals is what the client makes of refusals.
func TestKapsoRefusals(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	phone, stranger := gate.env["POSTERN_PHONE_ID"], gate.env["DEMO_STRANGER"]
	template := func(name string) map[string]any {
		return map[string]any{"name": name, "language": map[string]string{"code": "en_US"}, "components": []any{map[string]any{
			"type": "body", "parameters": []any{map[string]string{"type": "text", "text": "42"}}}}}
	}
	for _, c := range []struct {
		name, method     string
		args             map[string]any
		status, code     int
		category, action string
		typ, reason      string
	}{
		{"no consent", "sendTemplate", map[string]any{"to": stranger, "template": template("order_update")},
			403, 10, "permission", "fix_and_retry", "template", "opt_in_missing"},
		{"window closed", "sendText", map[string]any{"to": stranger, "body": "Hello"},
			400, 131047, "reengagementWindow", "do_not_retry", "text", "window_closed"},
		{"card number", "sendText", map[string]any{"to": person, "body": "Card 4111 1111 1111 1111"},
			400, 131009, "parameter", "fix_and_retry", "text", "pii"},
		{"unknown template", "sendTemplate", map[string]any{"to": person, "template": template("nobody_knows")},
			404, 132001, "template", "fix_and_retry", "template", "template"},
		{"paused template", "sendTemplate", map[string]any{"to": person, "template": template("paused_notice")},
			400, 132015, "template", "fix_and_retry", "template", "template_paused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.args["phoneNumberId"] = phone
			m := gate.mark(t)
			a := client.graphError(t, c.status, c.code, c.category, c.action, "messages."+c.method, c.args)
			holds(t, "the error's details", a.Error.Details, "policy:"+c.reason)
			want := cloudRow(c.typ)
			want.Reason = c.reason
			if c.typ == "template" {
				want.Template = c.args["template"].(map[string]any)["name"].(string) + "/en_US"
			}
			gate.stopped(t, m, want)
		})
	}
	t.Run("call permission", func(t *testing.T) {
		m := gate.mark(t)
		client.graphError(t, 400, 131051, "media", "fix_and_retry", "messages.sendInteractiveCallPermission",
			kapsoTo(t, person, `{"bodyText":"May we call?","parameters":{"phoneNumber":"+4930231250"}}`))
		want := cloudRow("messages") // nothing was understood
		want.Reason = "request_unsupported"
		gate.stopped(t, m, want)
	})
	t.Run("unknown property", func(t *testing.T) {
		m := gate.mark(t)
		client.graphError(t, 400, 100, "parameter", "fix_and_retry", "messages.sendRaw", map[string]any{"phoneNumberId": phone, "payload": map[string]any{
			"messaging_product": "whatsapp", "to": person, "type": "text", "text": map[string]string{"body": "Hello", "colour": "red"}}})
		want := cloudRow("messages") // nothing was understood
		want.Reason = "request_unknown_property"
		gate.stopped(t, m, want)
	})
}

// TestKapsoBadToken: nobody is known, so nothing is recorded one by one.
func TestKapsoBadToken(t *testing.T) {
	client := startNode(t, "kapso.mjs", "BASE_URL="+gate.env["POSTERN_URL"], "ACCESS_TOKEN=EAAnotatoken")
	m := gate.mark(t)
	client.graphError(t, 401, 190, "authorization", "refresh_token", "messages.sendText", kapsoTo(t, gate.env["DEMO_CONSENTED"], `{"body":"Hello"}`))
	gate.unrecorded(t, m)
}

// TestKapsoReads lists templates, all and page by page.
func TestKapsoReads(t *testing.T) {
	client := startKapso(t)
	waba := gate.env["POSTERN_WABA_ID"]
	type page struct {
		Data   []struct{ ID, Name, Language, Status, Category string }
		Paging struct {
			Cursors struct{ Before, After string }
			Next    string
		}
	}
	m := gate.mark(t)
	var all page
	client.ok(t, &all, "templates.list", map[string]any{"businessAccountId": waba})
	if len(all.Data) < 9 || all.Data[0].Name == "" || all.Data[0].ID == "" || all.Data[0].Language == "" || all.Paging.Next != "" {
		t.Fatalf("templates: %+v", all)
	}
	seen, after := 0, ""
	for range all.Data {
		args := map[string]any{"businessAccountId": waba, "limit": 2}
		if after != "" {
			args["after"] = after
		}
		var some page
		client.ok(t, &some, "templates.list", args)
		for _, one := range some.Data {
			if one != all.Data[seen] {
				t.Errorf("place %d is %+v page by page, %+v in one", seen, one, all.Data[seen])
			}
			seen++
		}
		if after = some.Paging.Cursors.After; some.Paging.Next == "" {
			break
		}
		holds(t, "the next page", some.Paging.Next, gate.env["POSTERN_URL"]+"/")
	}
	if seen != len(all.Data) {
		t.Errorf("%d templates page by page, %d in one", seen, len(all.Data))
	}
	var paused page
	client.ok(t, &paused, "templates.list", map[string]any{"businessAccountId": waba, "status": "PAUSED"})
	if len(paused.Data) != 1 || paused.Data[0].Name != "paused_notice" || paused.Data[0].Status != "PAUSED" {
		t.Errorf("paused templates: %+v", paused.Data)
	}
	gate.unrecorded(t, m)
}

// TestKapsoProfile changes the business profile and reads it back.
func TestKapsoProfile(t *testing.T) {
	client, phone := startKapso(t), gate.env["POSTERN_PHONE_ID"]
	var done struct{ Success bool }
	client.ok(t, &done, "phoneNumbers.businessProfile.update", map[string]any{"phoneNumberId": phone, "about": "Kapso"})
	var got struct{ Data []struct{ About string } }
	client.ok(t, &got, "phoneNumbers.businessProfile.get", map[string]any{"phoneNumberId": phone})
	if !done.Success || len(got.Data) != 1 || got.Data[0].About != "Kapso" {
		t.Errorf("%+v, profile %+v", done, got)
	}
}

// TestKapsoNumber takes a number through its registration and reads its
// settings.
func TestKapsoNumber(t *testing.T) {
	client, phone := startKapso(t), gate.env["POSTERN_PHONE_ID"]
	for _, c := range []struct {
		method string
		args   map[string]any
	}{
		{"phoneNumbers.requestCode", map[string]any{"phoneNumberId": phone, "codeMethod": "SMS", "language": "en_US"}},
		{"phoneNumbers.verifyCode", map[string]any{"phoneNumberId": phone, "code": "125001"}},
		{"phoneNumbers.register", map[string]any{"phoneNumberId": phone, "pin": "123456"}},
	} {
		var done struct{ Success bool }
		client.ok(t, &done, c.method, c.args)
		if !done.Success {
			t.Errorf("%s was not done", c.method)
		}
	}
	var got struct{ StorageConfiguration struct{ Status string } }
	client.ok(t, &got, "phoneNumbers.settings.get", map[string]any{"phoneNumberId": phone})
	if got.StorageConfiguration.Status == "" {
		t.Errorf("settings: %+v", got)
	}
}

// TestKapsoTemplateLife hands a template in, finds it and deletes it.
func TestKapsoTemplateLife(t *testing.T) {
	client, waba := startKapso(t), gate.env["POSTERN_WABA_ID"]
	var made struct{ ID, Status, Category string }
	client.ok(t, &made, "templates.create", map[string]any{"businessAccountId": waba, "name": "kapso_notice", "language": "en_US",
		"category": "UTILITY", "components": []any{map[string]string{"type": "BODY", "text": "Your order is late today."}}})
	if made.ID == "" || made.Status != "PENDING" || made.Category != "UTILITY" {
		t.Errorf("made %+v", made)
	}
	var list struct{ Data []struct{ ID string } }
	client.ok(t, &list, "templates.list", map[string]any{"businessAccountId": waba, "name": "kapso_notice"})
	if len(list.Data) != 1 || list.Data[0].ID != made.ID {
		t.Errorf("made %s, listed %+v", made.ID, list.Data)
	}
	var done struct{ Success bool }
	client.ok(t, &done, "templates.delete", map[string]any{"businessAccountId": waba, "name": "kapso_notice"})
	if !done.Success {
		t.Error("not deleted")
	}
}

// TestKapsoMedia uploads a file, reads its node, downloads and deletes it.
func TestKapsoMedia(t *testing.T) {
	client := startKapso(t)
	content := map[string]string{"$bytes": "VGVybXMgYW5kIGNvbmRpdGlvbnM="}
	var made struct{ ID string }
	client.ok(t, &made, "media.upload", map[string]any{
		"phoneNumberId": gate.env["POSTERN_PHONE_ID"], "type": "text/plain", "file": content, "fileName": "terms.txt"})
	one := map[string]any{"mediaId": made.ID}
	var info struct{ ID, URL, MimeType string }
	client.ok(t, &info, "media.get", one)
	if made.ID == "" || info.ID != made.ID {
		t.Errorf("uploaded %+v, read %+v", made, info)
	}
	holds(t, "the file's url", info.URL, gate.env["POSTERN_URL"]+"/")
	var got any
	client.ok(t, &got, "media.download", one)
	var done struct{ Success bool }
	client.ok(t, &done, "media.delete", one)
	if !done.Success {
		t.Error("not deleted")
	}
}
