// Runs a program and fails its nth system call on files with an error, or kills the program at it.
//
//     nth_call NUMBER ERROR PROGRAM [ARGUMENT ...]
//
// ERROR is the number of an errno, or 0 to kill. Calls are counted over all threads, those of the loader included, and those that write to
// a terminal or pipe as well. With NUMBER 0 nothing fails, and the number of calls is printed to standard error, as the last line.
//
// The kernel asks this program about each of the calls (seccomp, SECCOMP_RET_USER_NOTIF), so that the program under attack is the one that
// people run, whichever library makes its calls.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const int CALLS[] = {
    SYS_openat, SYS_pread64, SYS_write, SYS_pwrite64, SYS_writev, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fallocate, SYS_mkdirat,
    SYS_unlinkat, SYS_renameat2, SYS_symlinkat, SYS_linkat, SYS_getdents64, SYS_statx, SYS_flock,
#ifdef SYS_open
    SYS_open, SYS_mkdir, SYS_unlink, SYS_rmdir, SYS_rename, SYS_symlink, SYS_link, SYS_renameat, SYS_newfstatat,
#endif
};
enum { COUNT = sizeof CALLS / sizeof *CALLS };

static void refuse(const char *what) {
    perror(what);
    exit(125);
}

// Has the kernel ask about CALLS of this process and its children; returns the descriptor on which it asks.
static int listen_to_calls(void) {
    struct sock_filter filter[COUNT + 3];
    filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int call = 0; call < COUNT; call++)
        filter[1 + call] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[call], COUNT - call, 0);
    filter[COUNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[COUNT + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = { COUNT + 3, filter };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) refuse("prctl");
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

// A message with room for one descriptor.
struct passing {
    struct msghdr message;
    struct iovec data;
    char byte;
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
};

static void prepare(struct passing *passing) {
    *passing = (struct passing){ .data = { &passing->byte, 1 } };
    passing->message = (struct msghdr){ .msg_iov = &passing->data, .msg_iovlen = 1, .msg_control = passing->control.room,
                                        .msg_controllen = sizeof passing->control.room };
}

static void attacked(int channel, char **command) {
    int listener = listen_to_calls();
    if (listener < 0) refuse("seccomp");
    struct passing passing;
    prepare(&passing);
    struct cmsghdr *header = CMSG_FIRSTHDR(&passing.message);
    *header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    *(int *)CMSG_DATA(header) = listener;
    if (sendmsg(channel, &passing.message, 0) != 1) refuse("sendmsg");
    close(listener);
    close(channel);
    execvp(command[0], command);
    refuse(command[0]);
}

static pid_t child;

static void pass_on(int number) { kill(child, number); }

int main(int count, char **arguments) {
    if (count < 4) return fprintf(stderr, "nth_call NUMBER ERROR PROGRAM [ARGUMENT ...]\n"), 125;
    long wanted = atol(arguments[1]), calls = 0;
    int error = atoi(arguments[2]), channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel)) refuse("socketpair");
    child = fork();
    if (child < 0) refuse("fork");
    if (child == 0) attacked(channel[1], arguments + 3);
    close(channel[1]);
    signal(SIGTERM, pass_on);
    struct passing passing;
    prepare(&passing);
    if (recvmsg(channel[0], &passing.message, 0) != 1) return 125;
    int listener = *(int *)CMSG_DATA(CMSG_FIRSTHDR(&passing.message));
    for (struct pollfd asked = { listener, POLLIN, 0 };;) {
        if (poll(&asked, 1, -1) < 0) continue;
        if (!(asked.revents & POLLIN)) break;  // nobody is left who could ask
        struct seccomp_notif call = { 0 };
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) continue;
        struct seccomp_notif_resp answer = { .id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
        if (++calls == wanted && error == 0) kill(child, SIGKILL);
        if (calls == wanted && error) answer = (struct seccomp_notif_resp){ .id = call.id, .error = -error };
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    int status;
    waitpid(child, &status, 0);
    if (wanted == 0) fprintf(stderr, "%ld\n", calls);
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}
