package process

import (
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// userID is whom a command runs as.
type userID struct {
	uid, gid   uint32
	groups     []uint32
	name, home string
}

// lookupUser finds a user, by "user" or "user:group", both names or numbers.
func lookupUser(text string) (*userID, error) {
	name, groupName, withGroup := strings.Cut(text, ":")
	found, err := user.Lookup(name)
	if err != nil {
		if !isNumber(name) {
			return nil, err
		}
		if found, err = user.LookupId(name); err != nil { // a user that no file knows, as in a container
			found = &user.User{Uid: name, Gid: name, Username: name, HomeDir: "/"}
		}
	}
	id := &userID{name: found.Username, home: found.HomeDir}
	if id.uid, err = number(found.Uid); err != nil {
		return nil, err
	}
	if id.gid, err = number(found.Gid); err != nil {
		return nil, err
	}
	if withGroup {
		id.gid, err = lookupGroup(groupName)
		id.groups = []uint32{id.gid}
		return id, err
	}
	groups, err := found.GroupIds()
	if err != nil { // it is in no file
		groups = nil
	}
	for _, group := range groups {
		if gid, err := number(group); err == nil {
			id.groups = append(id.groups, gid)
		}
	}
	if !slices.Contains(id.groups, id.gid) {
		id.groups = append(id.groups, id.gid)
	}
	return id, nil
}

func lookupGroup(name string) (uint32, error) {
	if found, err := user.LookupGroup(name); err == nil {
		return number(found.Gid)
	}
	if isNumber(name) {
		return number(name)
	}
	return 0, user.UnknownGroupError(name)
}

func isNumber(text string) bool {
	_, err := number(text)
	return err == nil
}

func number(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number of a user or group here", text)
	}
	return uint32(n), nil
}
