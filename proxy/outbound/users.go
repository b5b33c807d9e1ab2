package outbound

import (
	"context"
	"errors"
	"net/http"

	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// users are the calls by which an On-Premises administrator manages the users of
// its own app. Nobody sees or touches another app's.
func (h *Handler) users(ctx context.Context, c *call) int {
	if c.who.Role != identity.RoleAdmin {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Forbidden, Details: "Users are managed by a user of ROLE_ADMIN."})
	}
	switch c.r.Method {
	case http.MethodGet:
		return h.showUser(ctx, c)
	case http.MethodPost:
		return h.addUser(ctx, c)
	case http.MethodPut:
		return h.changePassword(ctx, c)
	}
	return h.removeUser(ctx, c)
}

func (h *Handler) showUser(ctx context.Context, c *call) int {
	role, ok := h.cfg.Identity.UserRole(c.who.App, c.route.ID)
	if !ok {
		return h.refuse(ctx, c, userProblem(identity.ErrUnknownUser))
	}
	return c.json(dialect.EncodeUser(c.route.ID, string(role)))
}

func (h *Handler) addUser(ctx context.Context, c *call) int {
	u, p := dialect.DecodeNewUser(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if err := h.cfg.Identity.AddUser(ctx, c.who.App, u.Name, u.Password); err != nil {
		return h.refuse(ctx, c, userProblem(err))
	}
	_, body := dialect.EncodeUser(u.Name, "")
	return c.json(http.StatusCreated, body)
}

// changePassword sets another user's password, or the caller's own; whoever is
// logged in as that user has to log in again.
func (h *Handler) changePassword(ctx context.Context, c *call) int {
	password, p := dialect.DecodePassword(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if err := h.cfg.Identity.ChangePassword(ctx, c.who.App, c.route.ID, password); err != nil {
		return h.refuse(ctx, c, userProblem(err))
	}
	return c.json(dialect.EncodeUser(c.route.ID, ""))
}

// removeUser ends a user and all its logins. Nobody ends itself: an app without
// an administrator could not make one.
func (h *Handler) removeUser(ctx context.Context, c *call) int {
	if c.route.ID == c.who.User {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Invalid, Param: "name", Details: "A user can not delete itself."})
	}
	if err := h.cfg.Identity.RevokeUser(ctx, c.who.App, c.route.ID, "app:"+c.who.App); err != nil {
		return h.refuse(ctx, c, userProblem(err))
	}
	return c.json(dialect.EncodeUser(c.route.ID, ""))
}

func userProblem(err error) *dialect.Problem {
	switch {
	case errors.Is(err, identity.ErrUnknownUser):
		return &dialect.Problem{Kind: dialect.NotFound, Details: "There is no such user."}
	case errors.Is(err, identity.ErrUserExists):
		return &dialect.Problem{Kind: dialect.Exists, Details: "There is a user of that name."}
	case errors.Is(err, identity.ErrTooManyUsers):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "username", Details: "There are as many users as an app may have; delete one."}
	case errors.Is(err, identity.ErrUserName):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "username", Details: "A user name has 1 to 64 letters, digits, '.', '-' and '_', and is not login or logout."}
	case errors.Is(err, identity.ErrWeakPassword):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "password", Details: "A password has 8 to 64 characters."}
	}
	return storeProblem(err)
}
