import{a,b}from"./shared-BV55BO7P.js";import"./shared-U44E54WG.js";export{a as Refused,b as store};
